import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, type HeartbeatOptions } from 'nestjs-heartbeat';
import { createApp } from '../support/app.js';

/** Creates an application whose module has these options. */
async function asModule(options: unknown) {
  return createApp({ imports: [HeartbeatModule.forRoot(options as object)] });
}

/** Creates an application whose gateway has these options. */
function asGateway(options: unknown, ofModule: object = {}) {
  @Heartbeat(options as HeartbeatOptions)
  @WebSocketGateway()
  class ChatGateway {}

  return createApp({ imports: [HeartbeatModule.forRoot(ofModule)], providers: [ChatGateway] });
}

const NOT_OBJECTS: [value: unknown, shown: string][] = [
  [5, '5'],
  ['interval', '"interval"'],
  [true, 'true'],
  [null, 'null'],
  [0, '0'],
  ['', '""'],
  [[{ interval: 5 }], '[{"interval":5}]'],
  [function options() {}, 'function options'],
];

test.each(NOT_OBJECTS)(
  'options that are not an object are refused: @Heartbeat(%p)',
  async (value, shown) => {
    await expect(asGateway(value)).rejects.toThrow(
      `@Heartbeat() on ChatGateway takes an object of options, not ${shown}. Pass { interval, timeout, … } or nothing.`,
    );
  },
);

test.each(NOT_OBJECTS)(
  'options that are not an object are refused: a factory returns %p',
  async (value, shown) => {
    const made = createApp({
      imports: [HeartbeatModule.forRootAsync({ useFactory: () => value as object })],
    });
    await expect(made).rejects.toThrow(
      `HeartbeatModule takes an object of options, not ${shown}. Pass { interval, timeout, … } or nothing.`,
    );
  },
);

test.each(NOT_OBJECTS)(
  'options that are not an object are refused: forRoot(%p)',
  async (value, shown) => {
    await expect(asModule(value)).rejects.toThrow(
      `HeartbeatModule takes an object of options, not ${shown}. Pass { interval, timeout, … } or nothing.`,
    );
  },
);

test('an unknown option is refused, with the known ones', async () => {
  await expect(asModule({ intervall: 5 })).rejects.toThrow(
    'HeartbeatModule: unknown option `intervall`. Known options: interval, timeout, liveness, idleTimeout, ' +
      'maxLifetime, admissionTimeout, closeTimeout, event, clientHeartbeats, negotiation, limits, dryRun, ' +
      'gateways, drain, history.',
  );
  await expect(asGateway({ intervall: 5 })).rejects.toThrow(
    '@Heartbeat() on ChatGateway: unknown option `intervall`. Known options: interval, timeout, liveness, ' +
      'idleTimeout, maxLifetime, admissionTimeout, closeTimeout, event, clientHeartbeats, negotiation, limits, dryRun.',
  );
});

test.each(['toString', 'constructor'])(
  'an option with the name of a property of Object.prototype is unknown as well: %s',
  async (key) => {
    await expect(asModule({ [key]: 5 })).rejects.toThrow(
      `HeartbeatModule: unknown option \`${key}\`.`,
    );
  },
);

test.each(['gateways', 'drain'])('%s is refused in @Heartbeat()', async (key) => {
  await expect(asGateway({ [key]: 'decorated' })).rejects.toThrow(
    `@Heartbeat() on ChatGateway: \`${key}\` is an option of the whole module. Set it in HeartbeatModule.forRoot().`,
  );
});

test.each([
  [5_000, 5_000],
  [5_001, 5_000],
])('an interval of %p with a timeout of %p is refused', async (interval, timeout) => {
  const text =
    `: \`interval\` (${interval} ms) must be smaller than \`timeout\` (${timeout} ms), so that a client can answer a ` +
    'ping before its timeout. Lower `interval` or raise `timeout`. A timeout of about twice the interval works well.';
  await expect(asModule({ interval, timeout })).rejects.toThrow(`HeartbeatModule${text}`);
  await expect(asGateway({ interval, timeout })).rejects.toThrow(
    `@Heartbeat() on ChatGateway${text}`,
  );
  await expect(asGateway({ interval }, { interval: 100, timeout })).rejects.toThrow(
    `@Heartbeat() on ChatGateway${text}`,
  );
});

test('an interval that is not below the default timeout is refused', async () => {
  await expect(asModule({ interval: 45_000 })).rejects.toThrow(
    'HeartbeatModule: `interval` (45000 ms) must be smaller than `timeout` (45000 ms)',
  );
});

test('an error shows an invalid value on one line, escaped and cut', async () => {
  const value = `\u001b[31m\n\u202e${'x'.repeat(1_000)}`;
  const error = await asModule({ liveness: value }).then(
    () => '',
    ({ message }: Error) => message,
  );
  expect(error).toContain('"\\u001b[31m\\n\\u202exxx');
  expect(error).toMatch(/x…\. Set 'transport' or 'application'\.$/);
  expect(error.length).toBeLessThan(300);
});

test('a value that cannot be serialized is refused as well', async () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  await expect(asModule({ interval: circular })).rejects.toThrow(
    'HeartbeatModule: `interval` is an object. Set',
  );
  await expect(asModule({ interval: Symbol('s') })).rejects.toThrow(
    'HeartbeatModule: `interval` is Symbol(s). Set',
  );
});

test('an options error has a code, so that it is recognised across copies of the package', async () => {
  await expect(asModule({ interval: 0 })).rejects.toMatchObject({
    name: 'HeartbeatOptionsError',
    code: 'HEARTBEAT_OPTIONS',
  });
});

test.each<[HeartbeatOptions['limits'], HeartbeatOptions['limits'], number, number]>([
  [{ backlog: { stalled: 2, max: 1 } }, {}, 2, 1],
  [{ backlog: { max: 1_048_575 } }, {}, 1_048_576, 1_048_575],
  [{ backlog: { stalled: 16_777_217 } }, {}, 16_777_217, 16_777_216],
  [{ backlog: { max: 9 } }, { backlog: { stalled: 10, max: 20 } }, 10, 9],
])(
  'a backlog limit with max below stalled is refused: %j over %j',
  async (limits = {}, ofModule = {}, stalled = 0, max = 0) => {
    await expect(asGateway({ limits }, { limits: ofModule })).rejects.toThrow(
      `@Heartbeat() on ChatGateway: \`limits.backlog\` has a \`max\` of ${max} bytes, below its \`stalled\` of ` +
        `${stalled} bytes. Set \`max\` to at least \`stalled\`, or lower \`stalled\`.`,
    );
  },
);
