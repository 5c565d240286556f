import { MAX_BYTES, type ServerFrame } from '../protocol/frames.js';

/** A heartbeat message as text, which is how a WebSocket of a client hands it over. */
export const writeFrame = (event: string, data?: object): string => JSON.stringify({ event, data });

/** What the server says with a message, if it is a heartbeat of this `event`; its `op` may be unknown. */
export function readFrame(event: string, message: unknown): ServerFrame | undefined {
  if (
    typeof message !== 'string' ||
    message.length > MAX_BYTES ||
    // All but the closing brace.
    !message.startsWith(writeFrame(event).slice(0, -1))
  ) {
    return undefined;
  }
  try {
    const { data } = JSON.parse(message) as { data?: ServerFrame | null };
    return data?.op ? data : undefined;
  } catch {
    return undefined;
  }
}
