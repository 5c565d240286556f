import { expect, test } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import {
  Heartbeat,
  HeartbeatModule,
  InjectHeartbeatOptions,
  type HeartbeatModuleOptions,
  type HeartbeatOptions,
  type ResolvedHeartbeatOptions,
} from 'nestjs-heartbeat';
import { createApp } from '../support/app.js';
import { startMonitored } from '../support/monitored.js';

const LIMITS = {
  pings: { rate: 10, burst: 60 },
  pongs: { rate: 100, burst: 600 },
  messages: { rate: 5, burst: 20 },
  backlog: { stalled: 1024 * 1024, max: 16 * 1024 * 1024 },
};
const NO_LIMITS = { pings: false, pongs: false, messages: false, backlog: false } as const;
const DEFAULTS = {
  interval: 25_000,
  timeout: 45_000,
  liveness: 'transport',
  idleTimeout: false,
  maxLifetime: false,
  admissionTimeout: false,
  closeTimeout: 5_000,
  event: 'heartbeat',
  clientHeartbeats: {},
  negotiation: { minInterval: 5_000, minTimeout: 10_000 },
  limits: LIMITS,
  dryRun: false,
};

@Injectable()
class Reader {
  constructor(@InjectHeartbeatOptions() readonly options: ResolvedHeartbeatOptions) {}
}

async function resolve(options?: HeartbeatModuleOptions): Promise<ResolvedHeartbeatOptions> {
  const app = await createApp({ imports: [HeartbeatModule.forRoot(options)], providers: [Reader] });
  return app.get(Reader).options;
}

async function policyOf(options: HeartbeatOptions, ofModule: HeartbeatModuleOptions = {}) {
  @Heartbeat(options)
  @WebSocketGateway()
  class ChatGateway {}

  const { liveness } = await startMonitored([ChatGateway], ofModule);
  return liveness.snapshot().servers[0]?.policy;
}

test('forRoot() without options has the documented defaults', async () => {
  expect(await resolve()).toEqual({
    ...DEFAULTS,
    gateways: 'all',
    drain: { within: 10_000 },
    history: 1_000,
  });
});

test('@InjectHeartbeatOptions() injects the options that are set, and defaults for all others', async () => {
  expect(
    await resolve({ timeout: 90_000, gateways: 'decorated', drain: false, history: 5 }),
  ).toEqual({
    ...DEFAULTS,
    timeout: 90_000,
    gateways: 'decorated',
    drain: false,
    history: 5,
  });
});

test('an option with the value undefined counts as not set', async () => {
  const nothing = Object.fromEntries(
    [...Object.keys(DEFAULTS), 'gateways', 'drain', 'history'].map((key) => [key, undefined]),
  );
  expect(await resolve(nothing)).toEqual(await resolve());
  expect(await resolve({ drain: { within: undefined } as object })).toEqual(await resolve());
  expect(await policyOf({ interval: undefined } as object, { interval: 5_000 })).toMatchObject({
    interval: 5_000,
  });
});

test('a gateway inherits the options of the module, and defaults for all others', async () => {
  expect(await policyOf({}, { interval: 5_000 })).toEqual({ ...DEFAULTS, interval: 5_000 });
});

test('a gateway can turn off options of the module', async () => {
  const on = { idleTimeout: 5, maxLifetime: 5, admissionTimeout: 5, event: 'beat' };
  const off = {
    idleTimeout: false,
    maxLifetime: false,
    admissionTimeout: false,
    event: false,
    negotiation: false,
    limits: false,
  } as const;
  expect(await policyOf(off, on)).toEqual({ ...DEFAULTS, ...off });
});

test('limits that are not set keep their inherited value', async () => {
  const pings = { rate: 1, burst: 1 };
  const messages = { rate: 2, burst: 2 };
  expect((await resolve({ limits: { pings } })).limits).toEqual({ ...LIMITS, pings });
  expect((await resolve({ limits: {} })).limits).toEqual(LIMITS);
  expect((await policyOf({ limits: { messages } }, { limits: { pings } }))?.limits).toEqual({
    ...LIMITS,
    pings,
    messages,
  });
});

test.each(['pings', 'pongs', 'messages', 'backlog'] as const)(
  'the limit %s can be turned off alone, in the module and in a gateway',
  async (key) => {
    const off = { ...LIMITS, [key]: false };
    expect((await resolve({ limits: { [key]: false } })).limits).toEqual(off);
    expect((await policyOf({}, { limits: { [key]: false } }))?.limits).toEqual(off);
    expect((await policyOf({ limits: { [key]: false } }))?.limits).toEqual(off);
    expect((await policyOf({ limits: { [key]: LIMITS[key] } }, { limits: off }))?.limits).toEqual(
      LIMITS,
    );
  },
);

test('a gateway that sets some limits where the module has limits: false has only these', async () => {
  const pings = { rate: 1, burst: 1 };
  const limitsOf = async (limits: HeartbeatOptions['limits']) =>
    (await policyOf({ limits } as HeartbeatOptions, { limits: false }))?.limits;
  expect(await limitsOf({ pings })).toEqual({ ...NO_LIMITS, pings });
  expect(await limitsOf({ backlog: { max: 2 ** 30 } })).toEqual({
    ...NO_LIMITS,
    backlog: { stalled: LIMITS.backlog.stalled, max: 2 ** 30 },
  });
  expect(await limitsOf({})).toEqual(NO_LIMITS);
  expect((await policyOf({}, { limits: false }))?.limits).toBe(false);
});

test('the fields of limits.backlog and of negotiation are inherited one by one', async () => {
  const ofModule = { limits: { backlog: { max: 2 ** 30 } }, negotiation: { minInterval: 2_000 } };
  expect(await resolve(ofModule)).toMatchObject({
    limits: { backlog: { stalled: LIMITS.backlog.stalled, max: 2 ** 30 } },
    negotiation: { minInterval: 2_000, minTimeout: 10_000 },
  });
  const own = { limits: { backlog: { stalled: 1 } }, negotiation: { minTimeout: 8_000 } };
  expect(await policyOf(own, ofModule)).toMatchObject({
    limits: { ...LIMITS, backlog: { stalled: 1, max: 2 ** 30 } },
    negotiation: { minInterval: 2_000, minTimeout: 8_000 },
  });
  expect(await policyOf(own, { negotiation: false })).toMatchObject({
    negotiation: { minInterval: 5_000, minTimeout: 8_000 },
  });
});

test('a drain window of 0 is accepted', async () => {
  expect((await resolve({ drain: { within: 0 } })).drain).toEqual({ within: 0 });
});

test('times with fractions are accepted', async () => {
  expect(await resolve({ interval: 40.5, timeout: 200.5 })).toMatchObject({
    interval: 40.5,
    timeout: 200.5,
  });
});

test('the resolved options are a frozen copy', async () => {
  const given = {
    limits: { pings: { rate: 1, burst: 1 } },
    negotiation: { minInterval: 1_000 },
    drain: { within: 5 },
  };
  const resolved = await resolve(given);
  expect(Object.isFrozen(given.limits.pings)).toBe(false);
  given.limits.pings.rate = 100;
  expect(resolved.limits).toMatchObject({ pings: { rate: 1 } });
  const { limits, drain, clientHeartbeats, negotiation } = resolved;
  const { pings, backlog } = limits || NO_LIMITS;
  const parts = [resolved, limits, pings, backlog, drain, clientHeartbeats, negotiation];
  expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
});
