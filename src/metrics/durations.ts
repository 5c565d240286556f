import type { ConnectionObservers } from '../connections/connection.observers.js';
import type { ClosedBy } from '../heartbeat.history.interfaces.js';

/** Receives durations, in seconds. */
export interface DurationRecorder {
  connection(seconds: number, closedBy: ClosedBy): void;
  roundTrip?(seconds: number): void;
}

/** Records every connection that closes and, where the recorder wants them, every round trip. Returns a function that stops it. */
export function recordDurations(
  observers: ConnectionObservers,
  recorder: DurationRecorder,
): () => void {
  return observers.add({
    // Both times are those of the system clock, which can be set back.
    onClosed: ({ connectedAt, closedAt, by }) =>
      recorder.connection(Math.max(0, closedAt - connectedAt) / 1_000, by),
    ...(recorder.roundTrip && {
      onRoundTrip: (duration) => recorder.roundTrip?.(duration / 1_000),
    }),
  });
}
