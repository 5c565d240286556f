import type { WebSocket } from 'ws';
import type { HeartbeatClock } from '../heartbeat.clock.js';

/**
 * How long a client that keeps flooding is not read, the first time. One read of 64 KiB may contain 10 000 frames, and
 * all other connections wait while they are handled. Milliseconds.
 */
const THROTTLE = 1_000;

/**
 * Stops reading from a client, for a while or for good. What was read already is still emitted. `isFinal`: for good. The
 * first time is limited, because the answer to our close frame may follow the flood.
 */
export function throttleReads(client: WebSocket, isFinal: boolean, clock: HeartbeatClock): void {
  client.pause();
  if (!isFinal) clock.setTimeout(() => client.resume(), THROTTLE).unref();
}
