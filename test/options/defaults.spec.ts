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
import { startGuarded } from '../support/guarded.js';

const LIMITS = {
  pings: { rate: 10, burst: 60 },
  messages: { rate: 5, burst: 20 },
  buffer: { sustained: 1024 * 1024, hard: 16 * 1024 * 1024 },
};
const DEFAULTS = {
  interval: 25_000,
  timeout: 45_000,
  liveness: 'transport',
  idleTimeout: false,
  maxLifetime: false,
  admissionTimeout: false,
  event: 'heartbeat',
  textReplies: {},
  limits: LIMITS,
  observeOnly: false,
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

  const { liveness } = await startGuarded([ChatGateway], ofModule);
  return liveness.snapshot().servers[0]?.policy;
}

test('forRoot() without options has the documented defaults', async () => {
  expect(await resolve()).toEqual({ ...DEFAULTS, gateways: 'all', drain: { within: 10_000 } });
});

test('@InjectHeartbeatOptions() gives what was set, with everything else at its default', async () => {
  expect(await resolve({ timeout: 90_000, gateways: 'decorated', drain: false })).toEqual({
    ...DEFAULTS,
    timeout: 90_000,
    gateways: 'decorated',
    drain: false,
  });
});

test('an option that is undefined is not set', async () => {
  const nothing = Object.fromEntries(
    [...Object.keys(DEFAULTS), 'gateways', 'drain'].map((key) => [key, undefined]),
  );
  expect(await resolve(nothing)).toEqual(await resolve());
  expect(await resolve({ drain: { within: undefined } as object })).toEqual(await resolve());
  expect(await policyOf({ interval: undefined } as object, { interval: 5_000 })).toMatchObject({
    interval: 5_000,
  });
});

test('a gateway has the options of the module, and the defaults where that says nothing', async () => {
  expect(await policyOf({}, { interval: 5_000 })).toEqual({ ...DEFAULTS, interval: 5_000 });
});

test('a gateway can turn off what the module turned on', async () => {
  const on = { idleTimeout: 5, maxLifetime: 5, admissionTimeout: 5, event: 'beat', limits: LIMITS };
  const off = {
    idleTimeout: false,
    maxLifetime: false,
    admissionTimeout: false,
    event: false,
    limits: false,
  } as const;
  expect(await policyOf(off, on)).toEqual({ ...DEFAULTS, ...off });
});

test('limits that are left out keep their value', async () => {
  const pings = { rate: 1, burst: 1 };
  const messages = { rate: 2, burst: 2 };
  expect((await resolve({ limits: { pings } })).limits).toEqual({ ...LIMITS, pings });
  expect((await resolve({ limits: {} })).limits).toEqual(LIMITS);
  expect((await policyOf({ limits: { messages } }, { limits: { pings } }))?.limits).toEqual({
    ...LIMITS,
    pings,
    messages,
  });
  expect((await policyOf({ limits: { messages } }, { limits: false }))?.limits).toEqual({
    ...LIMITS,
    messages,
  });
});

test('a drain window of 0 is one', async () => {
  expect((await resolve({ drain: { within: 0 } })).drain).toEqual({ within: 0 });
});

test('times that are no whole numbers are times', async () => {
  expect(await resolve({ interval: 0.5, timeout: 1.5 })).toMatchObject({
    interval: 0.5,
    timeout: 1.5,
  });
});

test('what holds is a copy that nobody can change', async () => {
  const given = { limits: { pings: { rate: 1, burst: 1 } }, drain: { within: 5 } };
  const resolved = await resolve(given);
  expect(Object.isFrozen(given.limits.pings)).toBe(false);
  given.limits.pings.rate = 100;
  expect(resolved.limits).toMatchObject({ pings: { rate: 1 } });
  const parts = [resolved, resolved.limits, resolved.drain, resolved.textReplies];
  expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true]);
});
