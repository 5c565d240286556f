import { MAX_BYTES, type ClientFrame, type ServerFrame } from './frames.js';

/** Recognises, reads and writes the heartbeat messages of one event. Recognition compares the first bytes only. */
export class HeartbeatCodec {
  private readonly prefixes: readonly Uint8Array[];
  private readonly head: string;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });

  /** @param event the reserved event */
  constructor(private readonly event: string) {
    this.head = `{"event":${JSON.stringify(event)}`;
    this.prefixes = prefixesOf(event);
  }

  /** Whether a text message is a heartbeat message. */
  recognises(bytes: Uint8Array): boolean {
    return isRecognised(bytes, this.prefixes);
  }

  /** Reads a recognised message of a client. Returns `undefined` if it is malformed. */
  read(bytes: Uint8Array): ClientFrame | undefined {
    let message: unknown;
    try {
      message = JSON.parse(this.decoder.decode(bytes));
    } catch {
      return undefined;
    }
    // JSON.parse() keeps the last of two members with the same name, so `event` can differ from the prefix.
    if (!isObject(message) || message['event'] !== this.event) return undefined;
    return frameOf(message['data']);
  }

  /** Writes a message. */
  write(frame: ServerFrame | ClientFrame): string {
    return `${this.head},"data":${JSON.stringify(frame)}}`;
  }
}

/** The first bytes of the heartbeat messages of an event: without and with a space after the colon. */
export function prefixesOf(event: string): readonly Uint8Array[] {
  const name = JSON.stringify(event);
  const encoder = new TextEncoder();
  return [`{"event":${name}`, `{"event": ${name}`].map((prefix) => encoder.encode(prefix));
}

/** Whether a message has at most MAX_BYTES and begins with one of the prefixes. */
export function isRecognised(bytes: Uint8Array, prefixes: readonly Uint8Array[]): boolean {
  if (bytes.length > MAX_BYTES) return false;
  for (const prefix of prefixes) if (startsWith(bytes, prefix)) return true;
  return false;
}

function frameOf(data: unknown): ClientFrame | undefined {
  if (!isObject(data) || !('op' in data)) return { op: 'beat' };
  const { op, id, v, interval, timeout, at } = data;
  if (op === 'hello' && v === 1) {
    return { op, v, ...times(interval, timeout) };
  }
  if (typeof id !== 'string') return undefined;
  if (op === 'pong') return { op, id };
  if (op === 'ping') return at === undefined ? { op, id } : { op, id, at };
  return undefined;
}

function times(interval: unknown, timeout: unknown): { interval?: number; timeout?: number } {
  return {
    ...(typeof interval === 'number' && { interval }),
    ...(typeof timeout === 'number' && { timeout }),
  };
}

/** Compares from the end, because application messages share the first bytes, `{"event":"`. */
function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let index = prefix.length - 1; index >= 0; index--) {
    if (bytes[index] !== prefix[index]) return false;
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
