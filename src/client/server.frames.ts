import { MAX_BYTES, type ServerFrame } from '../protocol/frames.js';

/** Writes a heartbeat message. */
export const writeFrame = (event: string, data?: object): string => JSON.stringify({ event, data });

/** Reads a message of the server. Returns `undefined` unless it is a heartbeat message of `event` with an `op`. */
export function readFrame(event: string, message: unknown): ServerFrame | undefined {
  if (
    typeof message === 'string' &&
    message.length <= MAX_BYTES &&
    // The prefix is a message without data, up to its closing brace.
    message.startsWith(writeFrame(event).slice(0, -1))
  ) {
    try {
      const { data } = JSON.parse(message) as { data?: ServerFrame | null };
      if (data?.op) return data;
    } catch {
      // Not JSON: a message of the application.
    }
  }
  return undefined;
}
