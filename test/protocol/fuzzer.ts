// Throws bytes at everything that reads heartbeat messages, in a process of its own: jest's sandbox makes every
// global dear. Each input is random, or a valid message that was mutated; what comes out is held against an
// oracle that knows the protocol by JSON.parse() alone.
import { isDeepStrictEqual } from 'node:util';
import { isUtf8 } from 'node:buffer';
import { readFrame } from '../../src/client/server.frames.js';
import { HeartbeatCodec } from '../../src/protocol/heartbeat.codec.js';
import { isHeartbeat } from '../../src/protocol/is-heartbeat.js';
import { answer } from '../support/programs/answers.mjs';

/** What came of a run. */
export interface FuzzReport {
  readonly inputs: number;
  readonly recognised: number;
  /** How often each `op` was read, by the server and by the client. */
  readonly ops: Record<string, number>;
  readonly clientOps: Record<string, number>;
  /** Ms for one input, at most and on average. */
  readonly slowest: number;
  readonly average: number;
  /** The first input that was read wrongly, in hex, and how. */
  readonly fault: string | undefined;
}

const HEAD = '{"event":"heartbeat"';
const SPACED = '{"event": "heartbeat"';
const data = (text: string) => `${HEAD},"data":${text}}`;

/** Messages of both ends, and some that are none. */
const SEEDS = [
  `${HEAD}}`,
  `${SPACED},"data":{}}`,
  data('{"op":"hello","v":1,"interval":5000,"timeout":9e3}'),
  data('{"op":"hello","v":1,"id":"a","interval":1,"timeout":2,"now":3}'),
  data('{"op":"ping","id":"\\u00e9\\ud800","at":[1e308,{"__proto__":null}]}'),
  data('{"op":"ping","id":"a","now":1.5,"rtt":2}'),
  data('{"op":"pong","id":"é€😀"}'),
  data('{"op":"ack","now":1}'),
  data('{"op":"drain","after":0,"within":9,"reason":"restart"}'),
  data(`${'['.repeat(200)}${']'.repeat(200)}`),
  data(`{"op":"ping","id":"${'x'.repeat(460)}"}`),
  '{"event":"chat","data":{"event":"heartbeat"}}',
].map((text) => Buffer.from(text));
const BITES = Buffer.from('{}[]",:\\0e-');

/** What a server says. What else it may say one day, a client hands on. */
const OPS: ReadonlySet<string> = new Set(['hello', 'ping', 'pong', 'ack', 'drain']);

const codec = new HeartbeatCodec('heartbeat');

// Most of what is thrown here is thrown for malformed JSON, and nobody looks at where.
Error.stackTraceLimit = 0;

answer({ fuzz });

function fuzz(inputs: number, seed: number): FuzzReport {
  const random = randomFrom(seed);
  const ops: Record<string, number> = {};
  const clientOps: Record<string, number> = {};
  let recognised = 0;
  let slowest = 0;
  let spent = 0;
  let fault: string | undefined;
  for (let count = 0; count < inputs && fault === undefined; count++) {
    const input = make(random);
    const text = input.toString();
    const before = performance.now();
    const isKnown = codec.recognises(input);
    const frame = isKnown ? codec.read(input) : undefined;
    const heard = readFrame('heartbeat', text);
    const isOne = isHeartbeat(input);
    const isText = isHeartbeat(text);
    const took = performance.now() - before;
    spent += took;
    slowest = Math.max(slowest, took);
    if (isKnown) recognised++;
    if (frame) ops[frame.op] = (ops[frame.op] ?? 0) + 1;
    if (heard) {
      const op = OPS.has(heard.op) ? heard.op : 'unknown';
      clientOps[op] = (clientOps[op] ?? 0) + 1;
    }
    const wrong =
      judge(input, text, isKnown, frame, heard) ?? judgeShape(input, text, isOne, isText);
    if (wrong !== undefined) fault = `${wrong}: ${input.toString('hex')}`;
  }
  return { inputs, recognised, ops, clientOps, slowest, average: spent / inputs, fault };
}

function make(random: (limit: number) => number): Buffer {
  if (random(8) === 0) return Buffer.from(Array.from({ length: random(80) }, () => random(256)));
  const seed = SEEDS[random(SEEDS.length)] as Buffer;
  let input = Buffer.from(seed);
  // What follows the prefix is what is read: most mutations fall there.
  const from = random(10) === 0 ? 0 : HEAD.length;
  for (let more = random(4); more > 0 && input.length > from; more--) {
    const at = from + random(input.length - from);
    const bite = random(2) === 0 ? random(256) : Number(BITES[random(BITES.length)]);
    switch (random(4)) {
      case 0:
        input = Buffer.concat([input.subarray(0, at), Buffer.of(bite), input.subarray(at)]);
        break;
      case 1:
        input = Buffer.concat([input.subarray(0, at), input.subarray(at + 1 + random(4))]);
        break;
      case 2: {
        const other = SEEDS[random(SEEDS.length)] as Buffer;
        input = Buffer.concat([input.subarray(0, at), other.subarray(random(other.length))]);
        break;
      }
      default:
        input[at] = bite;
    }
  }
  return random(8) === 0 ? input.subarray(0, random(input.length + 1)) : input;
}

/** What is wrong with what was made of an input, if anything is. */
function judge(
  input: Buffer,
  text: string,
  isKnown: boolean,
  frame: unknown,
  heard: unknown,
): string | undefined {
  const begins = [HEAD, SPACED].some((head) => input.toString('latin1').startsWith(head));
  if (isKnown !== (begins && input.length <= 512)) return `recognised: ${isKnown}`;
  const parsed = begins && (input.length <= 512 || text.length <= 512) ? parse(text) : undefined;
  const message = isUtf8(input) ? parsed : undefined;
  const expected = isKnown ? clientFrame(message) : undefined;
  if (!isDeepStrictEqual(frame, expected)) return `read as ${JSON.stringify(frame)}`;
  const fromServer = text.startsWith(HEAD) && text.length <= 512 ? parsed : undefined;
  const said = (fromServer as { data?: { op?: unknown } } | undefined)?.data;
  const isSaid = Boolean(said?.op);
  return isDeepStrictEqual(heard, isSaid ? said : undefined)
    ? undefined
    : `heard as ${JSON.stringify(heard)}`;
}

/** The same for a listener of the application, which has bytes or a text. */
function judgeShape(
  input: Buffer,
  text: string,
  isOne: boolean,
  isText: boolean,
): string | undefined {
  const begins = (latin: string) => latin.startsWith(HEAD) || latin.startsWith(SPACED);
  if (isOne !== (begins(input.toString('latin1')) && input.length <= 512)) {
    return `isHeartbeat(bytes): ${isOne}`;
  }
  const fits = begins(text) && Buffer.byteLength(text) <= 512;
  return isText === fits ? undefined : `isHeartbeat(text): ${isText}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What docs/PROTOCOL.md says that a server reads. */
function clientFrame(message: unknown): object | undefined {
  const { event, data: said } = (message ?? {}) as { event?: unknown; data?: unknown };
  if (event !== 'heartbeat') return undefined;
  const isPlain = said !== null && typeof said === 'object' && !Array.isArray(said);
  if (!isPlain || !('op' in said)) return { op: 'beat' };
  const { op, v, id, at, interval, timeout } = said as Record<string, unknown>;
  if (op === 'hello' && v === 1) {
    const wish = Object.entries({ interval, timeout }).filter(([, of]) => typeof of === 'number');
    return { op, v, ...Object.fromEntries(wish) };
  }
  if ((op !== 'ping' && op !== 'pong') || typeof id !== 'string') return undefined;
  return op === 'ping' && 'at' in said ? { op, id, at } : { op, id };
}

/** Random numbers from a seed: below `limit`, whole. Mulberry32. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
