import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import {
  Heartbeat,
  HeartbeatModule,
  HeartbeatOptionsError,
  type HeartbeatModuleOptions,
  type HeartbeatOptions,
} from 'nestjs-heartbeat';
import { WebSocketServer } from 'ws';
import { createApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

const tooShort = (key: string, value: number, least: number) =>
  `\`${key}\` is ${value}. Set at least ${least}. Times are milliseconds, and the timer of the module runs at most ` +
  'every 10 ms.';
const noMargin = (timeout: number, interval: number, least: number, prefix = '') => {
  const [intervalKey, timeoutKey] = prefix
    ? ['negotiation.minInterval', 'negotiation.minTimeout']
    : ['interval', 'timeout'];
  return (
    `\`${timeoutKey}\` is ${timeout}, with an \`${intervalKey}\` of ${interval}. Set \`${timeoutKey}\` to at least ${least}, ` +
    `or lower \`${intervalKey}\`. Times are milliseconds, and the difference is the time that a client has to answer a ping.`
  );
};

const REFUSED: [options: HeartbeatOptions, text: string][] = [
  [{ interval: 25, timeout: 45 }, tooShort('interval', 25, 40)],
  [{ interval: 39.9, timeout: 45_000 }, tooShort('interval', 39.9, 40)],
  [{ interval: 100, timeout: 199 }, tooShort('timeout', 199, 200)],
  [{ interval: 300, timeout: 339 }, noMargin(339, 300, 340)],
  [{ interval: 44_980 }, noMargin(45_000, 44_980, 45_020)],
  [{ negotiation: { minInterval: 5 } }, tooShort('negotiation.minInterval', 5, 40)],
  [
    { negotiation: { minInterval: 50, minTimeout: 100 } },
    tooShort('negotiation.minTimeout', 100, 200),
  ],
  [{ negotiation: { minInterval: 12_000 } }, noMargin(10_000, 12_000, 12_040, 'negotiation')],
];

test.each(REFUSED)(
  '%j is refused: the times are too short or too close together',
  async (options, text) => {
    const made = createApp({ imports: [HeartbeatModule.forRoot(options)] });
    await expect(made).rejects.toBeInstanceOf(HeartbeatOptionsError);
    await expect(made).rejects.toThrow(`HeartbeatModule: ${text}`);

    @Heartbeat(options)
    @WebSocketGateway()
    class TradingGateway {}
    const decorated = createApp({
      imports: [HeartbeatModule.forRoot()],
      providers: [TradingGateway],
    });
    await expect(decorated).rejects.toThrow(`@Heartbeat() on TradingGateway: ${text}`);
  },
);

test('update() and watch() throw for times that forRoot() refuses, and change nothing', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const { peer } = await connect('/chat');
  const { tick } = liveness.snapshot();
  expect(() => liveness.update(peer, { interval: 25, timeout: 45 })).toThrow(
    new HeartbeatOptionsError(`update(): ${tooShort('interval', 25, 40)}`),
  );
  expect(() => liveness.update(peer, { timeout: 120 })).toThrow(
    new HeartbeatOptionsError(`update(): ${tooShort('timeout', 120, 200)}`),
  );
  const server = new WebSocketServer({ noServer: true });
  expect(() => liveness.watch(server, { interval: 280 })).toThrow(
    new HeartbeatOptionsError(`watch(): ${noMargin(300, 280, 320)}`),
  );
  expect(liveness.isAlive(peer)).toBe(true);
  expect(liveness.snapshot().tick).toBe(tick);
  server.close();
});

test('a client that answers stays connected with the shortest times that are accepted', async () => {
  const shortest = { interval: 40, timeout: 200 };
  const { connect, events, liveness } = await startMonitored([ChatGateway], shortest);
  const { peer, socket } = await connect('/chat');
  for (let count = 0; count < 25; count++)
    await new Promise((resolve) => socket.once('ping', resolve));
  expect(events.of('evicted')).toEqual([]);
  expect(liveness.isAlive(peer)).toBe(true);
});

/** The warnings at boot about the times of a module and of a gateway. */
async function warningsOf(
  ofModule: HeartbeatModuleOptions,
  ofGateway?: HeartbeatOptions,
): Promise<string[]> {
  @WebSocketGateway({ path: '/trading' })
  class TradingGateway {}
  if (ofGateway) Heartbeat(ofGateway)(TradingGateway);
  @WebSocketGateway({ path: '/other' })
  class OtherGateway {}

  const logger = new LogRecorder();
  await startMonitored([TradingGateway, OtherGateway], ofModule, { logger });
  return logger.shortTimes;
}

const HINT = 'Times are milliseconds: if seconds were meant, multiply by 1 000.';

test('boot warns about times below a second, once per place where they are set', async () => {
  expect(await warningsOf({ interval: 250, timeout: 450 })).toEqual([
    `HeartbeatModule: \`interval\` is 250 ms, \`timeout\` is 450 ms. ${HINT}`,
  ]);
  expect(await warningsOf({}, { interval: 500 })).toEqual([
    `@Heartbeat() on TradingGateway: \`interval\` is 500 ms. ${HINT}`,
  ]);
  expect(await warningsOf({ interval: 999 }, { timeout: 2_000 })).toEqual([
    `HeartbeatModule: \`interval\` is 999 ms. ${HINT}`,
  ]);
  expect(await warningsOf({ interval: 999 }, { idleTimeout: 30 })).toEqual([
    `HeartbeatModule: \`interval\` is 999 ms. ${HINT}`,
    `@Heartbeat() on TradingGateway: \`idleTimeout\` is 30 ms. ${HINT}`,
  ]);
});

test.each<[string, number, HeartbeatModuleOptions]>([
  ['idleTimeout', 900, { idleTimeout: 900 }],
  ['maxLifetime', 3.5, { maxLifetime: 3.5 }],
  ['admissionTimeout', 10, { admissionTimeout: 10 }],
  ['closeTimeout', 5, { closeTimeout: 5 }],
  ['negotiation.minInterval', 500, { negotiation: { minInterval: 500 } }],
  ['drain.within', 10, { drain: { within: 10 } }],
])('boot warns about %s of %p ms', async (key, value, options) => {
  expect(await warningsOf(options)).toEqual([
    `HeartbeatModule: \`${key}\` is ${value} ms. ${HINT}`,
  ]);
});

test('boot logs no warning about times of a second or more, or about options that are off', async () => {
  const options = { interval: 1_000, timeout: 2_000, idleTimeout: 1_000, closeTimeout: 1_000 };
  expect(await warningsOf({ ...options, maxLifetime: false, drain: { within: 0 } })).toEqual([]);
  expect(await warningsOf({})).toEqual([]);
});
