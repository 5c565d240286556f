import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { HeartbeatOptionsError } from 'nestjs-heartbeat';
import {
  checkTime,
  modulePolicy,
  resolveDrain,
  resolveModuleOptions,
  resolvePolicy,
  resolveUpdate,
} from '../../src/heartbeat.options.resolver.js';

const SEED = 20_261_125;
const BASE = modulePolicy(resolveModuleOptions({}, 'HeartbeatModule'));

/** Every way in, by the name that its errors give it. */
const WAYS_IN: Record<string, (value: never) => unknown> = {
  HeartbeatModule: (value) => resolveModuleOptions(value, 'HeartbeatModule'),
  '@Heartbeat() on ChatGateway': (value) =>
    resolvePolicy(BASE, value, '@Heartbeat() on ChatGateway'),
  'update()': (value) => resolveUpdate({ configured: BASE, options: BASE }, value),
  'drain()': (value) => resolveDrain(value),
  'probe()': (value) => checkTime('probe()', 'timeout', value),
};

/** What the way in says: what holds, or the message of its refusal, which is an error of ours. */
function enter(name: string, value: unknown): { holds?: unknown; refusal?: HeartbeatOptionsError } {
  try {
    return { holds: WAYS_IN[name]?.(value as never) };
  } catch (error) {
    if (error instanceof HeartbeatOptionsError) return { refusal: error };
    throw error;
  }
}

const fail = (): never => {
  throw new RangeError('mine');
};

/** A Proxy that nobody may touch any more: even `Array.isArray()` throws. */
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Values that throw, each where something else is done with them. */
const HOSTILE: [name: string, make: () => unknown][] = [
  ['a getter', () => Object.defineProperty({}, 'rate', { get: fail, enumerable: true })],
  ['a Proxy that hides its keys', () => new Proxy({}, { ownKeys: fail })],
  ['a Proxy that hides its values', () => new Proxy({ rate: 1, burst: 1 }, { get: fail })],
  ['a revoked Proxy', revoked],
  ['a tag', () => Object.defineProperty({}, Symbol.toStringTag, { get: fail })],
  [
    'a function without a usable name',
    () => Object.defineProperty(() => 1, 'name', { value: Symbol('x') }),
  ],
  ['a function whose name throws', () => Object.defineProperty(() => 1, 'name', { get: fail })],
  ['toJSON', () => ({ toJSON: fail })],
  ['valueOf', () => ({ valueOf: fail, toString: fail, [Symbol.toPrimitive]: fail })],
];

/** Stands for a hostile value until the last moment: a generator could not hold one without touching it. */
class Placeholder {
  constructor(readonly make: () => unknown) {}
}

function unpack(value: unknown): unknown {
  if (value instanceof Placeholder) return value.make();
  if (typeof value !== 'object' || value === null) return value;
  const { constructor } = Object.getPrototypeOf(value) ?? {};
  if (constructor !== undefined && constructor !== Object) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unpack(part)]));
}

const hostile = fc.constantFrom(...HOSTILE.map(([, make]) => new Placeholder(make)));
const odd = fc.constantFrom<unknown>(
  -0,
  0,
  NaN,
  Infinity,
  -Infinity,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  Number.MAX_SAFE_INTEGER,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  -(2 ** 31),
  10n ** 400n,
  Symbol('\u001b[31m'),
  '\ud800',
  new Date(NaN),
);
const junk = fc.oneof(
  odd,
  hostile,
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
  fc.anything({ withSet: true, withTypedArray: true, withSparseArray: true }),
);
const KEYS = [...Object.keys(BASE), 'gateways', 'drain', 'within', 'intervall', '__proto__'];
const PARTS =
  'pings pongs messages backlog within rate burst stalled max minInterval minTimeout'.split(' ');
/** Junk in place of the options, of one, of a part of one, and of a part of that. */
const misfit = fc.oneof(
  junk,
  fc.dictionary(fc.constantFrom(...KEYS), junk, { maxKeys: 3 }),
  fc.dictionary(
    fc.constantFrom('limits', 'clientHeartbeats', 'negotiation', 'drain'),
    fc.dictionary(fc.constantFrom(...PARTS), junk, { maxKeys: 2 }),
  ),
  fc.record({
    limits: fc.dictionary(
      fc.constantFrom(...PARTS),
      fc.dictionary(fc.constantFrom(...PARTS), fc.oneof(junk, fc.constant(1)), { maxKeys: 2 }),
      { maxKeys: 2 },
    ),
  }),
);

/** What holds are plain values, which can be cloned, or the one function; and no number is NaN. */
function faultOf(holds: unknown): string | undefined {
  const text = JSON.stringify(holds);
  const cloneable =
    typeof (holds as { clientHeartbeats?: unknown } | undefined)?.clientHeartbeats === 'function'
      ? { ...(holds as object), clientHeartbeats: undefined }
      : holds;
  const isSound = JSON.stringify(structuredClone(cloneable)) === text && !text?.includes('null');
  return isSound ? undefined : text;
}

/** A message names the place, the option and what to do, and is short and on one line. */
function faultInWords(name: string, message: string): string | undefined {
  const isSound =
    message.startsWith(name) &&
    /`.*`|takes an object of options|the options/.test(message) &&
    /Set |Lower |Pass |There is no |Known options: /.test(message) &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(message) &&
    message.length < 800;
  return isSound ? undefined : message;
}

test('whatever comes in is refused in words, by an error of ours, or holds as sound values', () => {
  const counts = { refused: 0, held: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(WAYS_IN)), misfit, (name, value) => {
      const { holds, refusal } = enter(name, unpack(value));
      const wrong = refusal === undefined ? faultOf(holds) : faultInWords(name, refusal.message);
      expect(wrong).toBeUndefined();
      counts[refusal === undefined ? 'held' : 'refused']++;
    }),
    { seed: SEED, numRuns: 10_000 },
  );
  expect(counts.refused).toBeGreaterThan(5_000);
  expect(counts.held).toBeGreaterThan(300);
});

test.each(HOSTILE)('%s that throws stays inside, wherever it stands', (_, make) => {
  for (const name of Object.keys(WAYS_IN)) {
    enter(name, make());
    for (const key of KEYS) enter(name, { [key]: make() });
    for (const part of PARTS) enter(name, { limits: { [part]: make() } });
  }
});

test('what reading threw is the cause, and the message names the option', () => {
  const options = Object.defineProperty({}, 'interval', { get: fail, enumerable: true });
  const { refusal } = enter('HeartbeatModule', options);
  expect(refusal?.message).toBe(
    'HeartbeatModule: reading `interval` throws; see the `cause` of this error. ' +
      'Set plain values, without getters and Proxies.',
  );
  expect(refusal?.cause).toEqual(new RangeError('mine'));
});

test('what was checked is what holds, also where a getter says something else the next time', () => {
  const flaky = (key: string, first: unknown) => {
    let reads = 0;
    return Object.defineProperty({}, key, {
      get: () => (reads++ === 0 ? first : NaN),
      enumerable: true,
    });
  };
  expect(enter('HeartbeatModule', flaky('interval', 50)).holds).toMatchObject({ interval: 50 });
  expect(enter('drain()', flaky('within', 5)).holds).toEqual({ within: 5 });
  expect(enter('HeartbeatModule', { drain: flaky('within', 5) }).holds).toMatchObject({
    drain: { within: 5 },
  });
});

test('a Proxy of good options is as good as they are', () => {
  const proxy = (target: object) => new Proxy(target, {});
  const options = proxy({
    interval: 50,
    clientHeartbeats: proxy({ ping: 'pong' }),
    limits: proxy({ pings: proxy({ rate: 1, burst: 2 }) }),
  });
  expect(enter('HeartbeatModule', options).holds).toMatchObject({
    interval: 50,
    clientHeartbeats: { ping: 'pong' },
    limits: { pings: { rate: 1, burst: 2 } },
  });
});

const OVERLOOKED: [shown: string, value: object][] = [
  ['a Promise', Promise.resolve({ interval: 5 })],
  ['a Map', new Map([['interval', 5]])],
  ['a Set', new Set()],
  ['a WeakMap', new WeakMap()],
  ['a Date', new Date()],
];

test.each(OVERLOOKED)(
  '%s is no object of options, whose contents were overlooked',
  (shown, value) => {
    const [module, gateway] = Object.keys(WAYS_IN) as [string, string];
    expect(enter(gateway, value).refusal?.message).toBe(
      `${gateway} takes an object of options, not ${shown}. Pass { interval, timeout, … } or nothing.`,
    );
    for (const key of ['clientHeartbeats', 'limits', 'negotiation', 'drain']) {
      expect(enter(module, { [key]: value }).refusal?.message).toMatch(
        `${module}: \`${key}\` is ${shown}. Set `,
      );
    }
  },
);

test('an instance of a class is an object of options', () => {
  class Settings {
    interval = 50;
  }
  expect(enter('HeartbeatModule', new Settings()).holds).toMatchObject({ interval: 50 });
});

test.each([
  ['an option', (key: string) => ({ [key]: 5 })],
  ['a limit', (key: string) => ({ limits: { [key]: {} } })],
  ['a symbol', (key: string) => ({ interval: Symbol(key) })],
  ['a function', (key: string) => ({ interval: { [key]: () => 1 }[key] })],
])('the name of %s stands in the error on one line, escaped and cut', (_, make) => {
  const { message = '' } =
    enter('HeartbeatModule', make(`\u001b[31m\n${'x'.repeat(1_000)}`)).refusal ?? {};
  expect(message).toContain('\\u001b[31m\\');
  expect(message).not.toMatch(/\p{Cc}/u);
  expect(message.length).toBeLessThan(600);
});
