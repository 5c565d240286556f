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
import { FULL } from '../support/full.js';

/** `npm test` checks a share of the inputs. */
const SHARE = FULL ? 1 : 4;
const SEED = 20_261_125;
const BASE = modulePolicy(resolveModuleOptions({}, 'HeartbeatModule'));

/** Every function that takes options from the application, by its name in errors. */
const ENTRY_POINTS: Record<string, (value: never) => unknown> = {
  HeartbeatModule: (value) => resolveModuleOptions(value, 'HeartbeatModule'),
  '@Heartbeat() on ChatGateway': (value) =>
    resolvePolicy(BASE, value, '@Heartbeat() on ChatGateway'),
  'update()': (value) => resolveUpdate({ configured: BASE, options: BASE }, value),
  'drain()': (value) => resolveDrain(value),
  'probe()': (value) => checkTime('probe()', 'timeout', value),
};

/** Passes a value to an entry point. Returns the resolved options, or the HeartbeatOptionsError that it throws. */
function callEntryPoint(
  name: string,
  value: unknown,
): { resolved?: unknown; refusal?: HeartbeatOptionsError } {
  try {
    return { resolved: ENTRY_POINTS[name]?.(value as never) };
  } catch (error) {
    if (error instanceof HeartbeatOptionsError) return { refusal: error };
    throw error;
  }
}

const fail = (): never => {
  throw new RangeError('thrown by the value');
};

/** A revoked Proxy: even `Array.isArray()` throws. */
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Values that throw, each on another operation. */
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

/** Stands for a hostile value until it is used: a generator would trigger the error of the value itself. */
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
/** Junk in place of the options, of one option, of a field of an option, and of a field of that field. */
const invalidInput = fc.oneof(
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

/** Checks that resolved options are plain values that can be cloned, besides one function, and contain no NaN. */
function defectOf(resolved: unknown): string | undefined {
  const text = JSON.stringify(resolved);
  const cloneable =
    typeof (resolved as { clientHeartbeats?: unknown } | undefined)?.clientHeartbeats === 'function'
      ? { ...(resolved as object), clientHeartbeats: undefined }
      : resolved;
  const isSound = JSON.stringify(structuredClone(cloneable)) === text && !text?.includes('null');
  return isSound ? undefined : text;
}

/** Checks that a message names the entry point, the option and the fix, is short and has one line. */
function defectOfMessage(name: string, message: string): string | undefined {
  const isSound =
    message.startsWith(name) &&
    /`.*`|takes an object of options|the options/.test(message) &&
    /Set |Lower |Pass |There is no |Known options: /.test(message) &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(message) &&
    message.length < 800;
  return isSound ? undefined : message;
}

test('any input is refused with a HeartbeatOptionsError that names the fix, or resolves to valid options', () => {
  const counts = { refused: 0, accepted: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(ENTRY_POINTS)), invalidInput, (name, value) => {
      const { resolved, refusal } = callEntryPoint(name, unpack(value));
      const defect =
        refusal === undefined ? defectOf(resolved) : defectOfMessage(name, refusal.message);
      expect(defect).toBeUndefined();
      counts[refusal === undefined ? 'accepted' : 'refused']++;
    }),
    { seed: SEED, numRuns: 10_000 / SHARE },
  );
  expect(counts.refused).toBeGreaterThan(5_000 / SHARE);
  expect(counts.accepted).toBeGreaterThan(300 / SHARE);
});

test.each(HOSTILE)(
  '%s that throws causes no error but HeartbeatOptionsError, at any depth',
  (_, make) => {
    for (const name of Object.keys(ENTRY_POINTS)) {
      callEntryPoint(name, make());
      for (const key of KEYS) callEntryPoint(name, { [key]: make() });
      for (const part of PARTS) callEntryPoint(name, { limits: { [part]: make() } });
    }
  },
);

test('an error thrown by a getter is the cause, and the message names the option', () => {
  const options = Object.defineProperty({}, 'interval', { get: fail, enumerable: true });
  const { refusal } = callEntryPoint('HeartbeatModule', options);
  expect(refusal?.message).toBe(
    'HeartbeatModule: reading `interval` throws; see the `cause` of this error. ' +
      'Set plain values, without getters and Proxies.',
  );
  expect(refusal?.cause).toEqual(new RangeError('thrown by the value'));
});

test('each option is read once: a getter cannot return another value after validation', () => {
  const flaky = (key: string, first: unknown) => {
    let reads = 0;
    return Object.defineProperty({}, key, {
      get: () => (reads++ === 0 ? first : NaN),
      enumerable: true,
    });
  };
  expect(callEntryPoint('HeartbeatModule', flaky('interval', 50)).resolved).toMatchObject({
    interval: 50,
  });
  expect(callEntryPoint('drain()', flaky('within', 5)).resolved).toEqual({ within: 5 });
  expect(callEntryPoint('HeartbeatModule', { drain: flaky('within', 5) }).resolved).toMatchObject({
    drain: { within: 5 },
  });
});

test('a Proxy of valid options is accepted', () => {
  const proxy = (target: object) => new Proxy(target, {});
  const options = proxy({
    interval: 50,
    clientHeartbeats: proxy({ ping: 'pong' }),
    limits: proxy({ pings: proxy({ rate: 1, burst: 2 }) }),
  });
  expect(callEntryPoint('HeartbeatModule', options).resolved).toMatchObject({
    interval: 50,
    clientHeartbeats: { ping: 'pong' },
    limits: { pings: { rate: 1, burst: 2 } },
  });
});

const OTHER_OBJECTS: [shown: string, value: object][] = [
  ['a Promise', Promise.resolve({ interval: 5 })],
  ['a Map', new Map([['interval', 5]])],
  ['a Set', new Set()],
  ['a WeakMap', new WeakMap()],
  ['a Date', new Date()],
];

test.each(OTHER_OBJECTS)('%s is not an object of options', (shown, value) => {
  const [module, gateway] = Object.keys(ENTRY_POINTS) as [string, string];
  expect(callEntryPoint(gateway, value).refusal?.message).toBe(
    `${gateway} takes an object of options, not ${shown}. Pass { interval, timeout, … } or nothing.`,
  );
  for (const key of ['clientHeartbeats', 'limits', 'negotiation', 'drain']) {
    expect(callEntryPoint(module, { [key]: value }).refusal?.message).toMatch(
      `${module}: \`${key}\` is ${shown}. Set `,
    );
  }
});

test('an instance of a class is an object of options', () => {
  class Settings {
    interval = 50;
  }
  expect(callEntryPoint('HeartbeatModule', new Settings()).resolved).toMatchObject({
    interval: 50,
  });
});

test.each([
  ['an option', (key: string) => ({ [key]: 5 })],
  ['a limit', (key: string) => ({ limits: { [key]: {} } })],
  ['a symbol', (key: string) => ({ interval: Symbol(key) })],
  ['a function', (key: string) => ({ interval: { [key]: () => 1 }[key] })],
])('the name of %s is shown in the error on one line, escaped and cut', (_, make) => {
  const { message = '' } =
    callEntryPoint('HeartbeatModule', make(`\u001b[31m\n${'x'.repeat(1_000)}`)).refusal ?? {};
  expect(message).toContain('\\u001b[31m\\');
  expect(message).not.toMatch(/\p{Cc}/u);
  expect(message.length).toBeLessThan(600);
});
