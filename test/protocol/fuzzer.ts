// Passes random and mutated messages to every function that reads heartbeat messages, and compares the results with an
// oracle that uses JSON.parse() only. Runs in its own process, because access to globals is slow in jest's sandbox.
import { isDeepStrictEqual } from 'node:util';
import { isUtf8 } from 'node:buffer';
import { readFrame } from '../../src/client/server.frames.js';
import { HeartbeatCodec } from '../../src/protocol/heartbeat.codec.js';
import { isHeartbeat } from '../../src/protocol/is-heartbeat.js';
import { answer } from '../support/programs/answers.mjs';

/** Results of a run. */
export interface FuzzReport {
  readonly inputs: number;
  readonly recognised: number;
  /** How often each `op` was read, by the server and by the client. */
  readonly ops: Record<string, number>;
  readonly clientOps: Record<string, number>;
  /** Time for one input, maximum and average, ms. */
  readonly slowest: number;
  readonly average: number;
  /** Description of the first wrong result, and the input in hex. */
  readonly fault: string | undefined;
}

const HEAD = '{"event":"heartbeat"';
const SPACED = '{"event": "heartbeat"';
const data = (text: string) => `${HEAD},"data":${text}}`;

/** Heartbeat messages of clients and servers, and application messages. */
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
const SYNTAX = Buffer.from('{}[]",:\\0e-');

/** The `op` values of a server. `readFrame()` also returns frames with an unknown `op`. */
const OPS: ReadonlySet<string> = new Set(['hello', 'ping', 'pong', 'ack', 'drain']);

const codec = new HeartbeatCodec('heartbeat');

// Most inputs make JSON.parse() throw. Stack traces are not used and take time.
Error.stackTraceLimit = 0;

answer({ fuzz });

function fuzz(inputs: number, seed: number): FuzzReport {
  const random = randomFrom(seed);
  const ops: Record<string, number> = {};
  const clientOps: Record<string, number> = {};
  let recognised = 0;
  let slowest = 0;
  let total = 0;
  let fault: string | undefined;
  for (let count = 0; count < inputs && fault === undefined; count++) {
    const input = make(random);
    const text = input.toString();
    const before = performance.now();
    const isKnown = codec.recognises(input);
    const frame = isKnown ? codec.read(input) : undefined;
    const serverFrame = readFrame('heartbeat', text);
    const isOne = isHeartbeat(input);
    const isText = isHeartbeat(text);
    const duration = performance.now() - before;
    total += duration;
    slowest = Math.max(slowest, duration);
    if (isKnown) recognised++;
    if (frame) ops[frame.op] = (ops[frame.op] ?? 0) + 1;
    if (serverFrame) {
      const op = OPS.has(serverFrame.op) ? serverFrame.op : 'unknown';
      clientOps[op] = (clientOps[op] ?? 0) + 1;
    }
    const wrong =
      checkFrames(input, text, isKnown, frame, serverFrame) ??
      checkIsHeartbeat(input, text, isOne, isText);
    if (wrong !== undefined) fault = `${wrong}: ${input.toString('hex')}`;
  }
  return { inputs, recognised, ops, clientOps, slowest, average: total / inputs, fault };
}

function make(random: (limit: number) => number): Buffer {
  if (random(8) === 0) return Buffer.from(Array.from({ length: random(80) }, () => random(256)));
  const seed = SEEDS[random(SEEDS.length)] as Buffer;
  let input = Buffer.from(seed);
  // The prefix decides whether a message is read, so most mutations are after it.
  const from = random(10) === 0 ? 0 : HEAD.length;
  for (let more = random(4); more > 0 && input.length > from; more--) {
    const at = from + random(input.length - from);
    const byte = random(2) === 0 ? random(256) : Number(SYNTAX[random(SYNTAX.length)]);
    switch (random(4)) {
      case 0:
        input = Buffer.concat([input.subarray(0, at), Buffer.of(byte), input.subarray(at)]);
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
        input[at] = byte;
    }
  }
  return random(8) === 0 ? input.subarray(0, random(input.length + 1)) : input;
}

/** Compares the results of codec and client with the oracle. Returns the difference. */
function checkFrames(
  input: Buffer,
  text: string,
  isKnown: boolean,
  frame: unknown,
  serverFrame: unknown,
): string | undefined {
  const begins = [HEAD, SPACED].some((head) => input.toString('latin1').startsWith(head));
  if (isKnown !== (begins && input.length <= 512)) return `recognised: ${isKnown}`;
  const parsed = begins && (input.length <= 512 || text.length <= 512) ? parse(text) : undefined;
  const message = isUtf8(input) ? parsed : undefined;
  const expected = isKnown ? clientFrame(message) : undefined;
  if (!isDeepStrictEqual(frame, expected)) return `read as ${JSON.stringify(frame)}`;
  const fromServer = text.startsWith(HEAD) && text.length <= 512 ? parsed : undefined;
  const serverData = (fromServer as { data?: { op?: unknown } } | undefined)?.data;
  const hasOp = Boolean(serverData?.op);
  return isDeepStrictEqual(serverFrame, hasOp ? serverData : undefined)
    ? undefined
    : `read by the client as ${JSON.stringify(serverFrame)}`;
}

/** Compares the results of isHeartbeat() for bytes and text with the oracle. Returns the difference. */
function checkIsHeartbeat(
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

/** The oracle: the frame that a server reads according to docs/PROTOCOL.md. */
function clientFrame(message: unknown): object | undefined {
  const { event, data: members } = (message ?? {}) as { event?: unknown; data?: unknown };
  if (event !== 'heartbeat') return undefined;
  const isPlain = members !== null && typeof members === 'object' && !Array.isArray(members);
  if (!isPlain || !('op' in members)) return { op: 'beat' };
  const { op, v, id, at, interval, timeout } = members as Record<string, unknown>;
  if (op === 'hello' && v === 1) {
    const requested = Object.entries({ interval, timeout }).filter(
      ([, value]) => typeof value === 'number',
    );
    return { op, v, ...Object.fromEntries(requested) };
  }
  if ((op !== 'ping' && op !== 'pong') || typeof id !== 'string') return undefined;
  return op === 'ping' && 'at' in members ? { op, id, at } : { op, id };
}

/** Returns a generator of random integers below `limit`. Algorithm: Mulberry32. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
