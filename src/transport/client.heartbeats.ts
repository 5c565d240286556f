import { types } from 'node:util';
import { logger } from '../heartbeat.logger.js';
import { show } from '../heartbeat.text.js';
import type { ClientHeartbeatFunction } from '../heartbeat.options.js';

/** At most one error of a `clientHeartbeats` function is logged in this time, because clients cause them. Milliseconds. */
const LOG_INTERVAL = 60_000;

/** The reply to a heartbeat of an existing client: text, binary, or `true` for none. */
export type ClientHeartbeatReply = string | Uint8Array | true;

/** Recognises the heartbeats of existing clients, as the option `clientHeartbeats` describes them. */
export interface ClientHeartbeats {
  /**
   * The reply to a message; `undefined` for a message that is no heartbeat. `data` is as `ws` delivers it. `now`: real
   * time in ms, to limit what is logged.
   */
  replyTo(data: unknown, isBinary: boolean, now: number): ClientHeartbeatReply | undefined;
}

/** Creates the recogniser for an option; `undefined` if the option names no heartbeats. `name`: for the log. */
export function clientHeartbeatsOf(
  option: Record<string, string> | ClientHeartbeatFunction,
  name: string,
): ClientHeartbeats | undefined {
  if (typeof option === 'function') return new ComputedHeartbeats(option, name);
  return Object.keys(option).length === 0 ? undefined : new ListedHeartbeats(option);
}

/** Exact text messages, and the reply to each. */
class ListedHeartbeats implements ClientHeartbeats {
  private readonly replies: ReadonlyMap<string, string>;
  private readonly longest: number;

  constructor(replies: Record<string, string>) {
    this.replies = new Map(Object.entries(replies));
    const lengths = [...this.replies.keys()].map((text) => Buffer.byteLength(text));
    this.longest = Math.max(0, ...lengths);
  }

  replyTo(data: unknown, isBinary: boolean): string | undefined {
    if (isBinary || !(data instanceof Uint8Array) || data.length > this.longest) return undefined;
    return this.replies.get(viewOf(data).toString());
  }
}

/** A function of the application. Errors and results of other types are logged. Such a message is no heartbeat. */
class ComputedHeartbeats implements ClientHeartbeats {
  private loggedAt = -Infinity;

  constructor(
    private readonly compute: ClientHeartbeatFunction,
    private readonly name: string,
  ) {}

  replyTo(data: unknown, isBinary: boolean, now: number): ClientHeartbeatReply | undefined {
    const message = bytesOf(data);
    if (message === undefined) return undefined;
    try {
      const reply: unknown = this.compute(message, isBinary);
      if (isReply(reply)) return reply;
      if (reply === undefined) return undefined;
      // A promise is no reply. An unhandled rejection would end the process.
      Promise.resolve(reply).catch(() => {});
      this.log(now, () => [
        `returned ${show(reply)}; it must return a string, a Uint8Array, true or undefined`,
      ]);
    } catch (error) {
      this.log(now, () => ['threw', error instanceof Error ? error.stack : show(error)]);
    }
    return undefined;
  }

  private log(
    now: number,
    describe: () => readonly [fault: string, stack?: string | undefined],
  ): void {
    if (now - this.loggedAt < LOG_INTERVAL) return;
    this.loggedAt = now;
    const [fault, stack] = describe();
    logger.error(
      `The function \`clientHeartbeats\` of ${this.name} ${fault}. The message counts as an application message. ` +
        `Further faults are not logged for ${LOG_INTERVAL / 1_000} s.`,
      stack,
    );
  }
}

function isReply(value: unknown): value is ClientHeartbeatReply {
  return typeof value === 'string' || value === true || value instanceof Uint8Array;
}

/** The bytes of a message, for any `binaryType` except Blob, which is read asynchronously: `undefined`. */
function bytesOf(data: unknown): Buffer | undefined {
  if (data instanceof Uint8Array) return viewOf(data);
  if (types.isAnyArrayBuffer(data)) return Buffer.from(data);
  return Array.isArray(data) ? Buffer.concat(data as Buffer[]) : undefined;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
