import * as fc from 'fast-check';
import { PresenceInputError } from 'nestjs-heartbeat/presence';

/** What an application passes to `track()`. */
export interface HostileValues {
  readonly key: unknown;
  readonly topic: string;
  readonly meta: unknown;
}

/** What `track()` does with values, by the contract: it returns this, or throws. */
export type Outcome = boolean | typeof PresenceInputError;

const SEPARATORS = [':', '{', '}', '{presence}', '\0', '*', '[', '"', "'", '\\', '\n', ' ', '%'];
const WORDS = [
  '\ud800',
  '\udc00',
  '\ud83d\ude00',
  '\uffff',
  '\ufeff',
  'é',
  '__proto__',
  'toString',
];
const pieces = fc
  .array(fc.constantFrom(...SEPARATORS, ...WORDS), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''));
const anyUnits = fc.string({
  unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
  maxLength: 20,
});
/** Lengths around the limits, of one byte, two, three and four each. */
const long = fc
  .record({
    unit: fc.constantFrom('a', 'é', '\uffff', '\ud83d\ude00', '\0'),
    bytes: fc.oneof(fc.constantFrom(256, 257, 258, 1_024, 1_025, 1_026, 4_096), fc.nat(4_100)),
  })
  .map(({ unit, bytes }) => unit.repeat(Math.floor(bytes / Buffer.byteLength(unit))));
const text = fc.oneof(pieces, anyUnits, long);

const throwing = {
  toJSON() {
    throw new Error('toJSON');
  },
  toString() {
    throw new Error('toString');
  },
};
const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
/** What JSON cannot express, or expresses as something else. */
const NOT_JSON = [
  1n,
  { deep: [1n] },
  cyclic,
  throwing,
  [throwing],
  Symbol('s'),
  () => {},
  { toJSON: () => undefined },
  Number.NaN,
  new Date(Number.NaN),
  new Map([[1, 2]]),
  -0,
];
const notJson = fc.constantFrom<unknown>(...NOT_JSON);
const deep = fc.constant(JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown);

/** Keys, topics and meta of all kinds. */
export const hostileValues: fc.Arbitrary<HostileValues> = fc.record({
  key: fc.oneof(
    { arbitrary: text, weight: 8 },
    { arbitrary: fc.anything(), weight: 1 },
    { arbitrary: notJson, weight: 1 },
  ),
  topic: fc.oneof({ arbitrary: fc.constant('online'), weight: 3 }, { arbitrary: text, weight: 2 }),
  meta: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 2 },
    { arbitrary: fc.jsonValue(), weight: 4 },
    { arbitrary: text, weight: 4 },
    { arbitrary: notJson, weight: 1 },
    { arbitrary: deep, weight: 1 },
  ),
});

/** What the contract demands for values. */
export function outcomeOf({ key, topic, meta }: HostileValues): Outcome {
  let json: string | undefined = '';
  try {
    if (meta !== undefined) json = JSON.stringify(meta);
  } catch (error) {
    // Nested deeper than the stack allows, which a client can cause.
    if (error instanceof RangeError) return false;
    return PresenceInputError;
  }
  if (json === undefined) return PresenceInputError;
  const isText = (value: unknown, longest: number) =>
    typeof value === 'string' &&
    Buffer.byteLength(value) >= 1 &&
    Buffer.byteLength(value) <= longest &&
    Buffer.from(value).toString() === value;
  return (
    isText(key, 1_024) &&
    isText(topic, 256) &&
    !topic.includes('\0') &&
    Buffer.byteLength(json) <= 4_096
  );
}
