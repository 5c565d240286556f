import type { ConnectionRecord, RecordState } from './connection.record.js';
import type { StallAwareClock } from './stall-aware-clock.js';

/** What the detector knows of a connection at one moment. Times are stall-adjusted ms. */
export interface ConnectionDescription {
  readonly state: RecordState;
  readonly admitted: boolean;
  /** Whether the application paused the checks, or reading is paused. */
  readonly paused: boolean;
  /** Since the last sign of life. */
  readonly silence: number;
  /** Since the last message of any kind. */
  readonly applicationSilence: number;
  /** Since the last application message. */
  readonly idle: number;
}

/** Describes a connection, also between two checks. */
export function describe(record: ConnectionRecord, clock: StallAwareClock): ConnectionDescription {
  const { state, admitted, paused } = record;
  return {
    state,
    admitted,
    paused: paused || record.isReadingPaused,
    silence: paused ? 0 : record.silence(clock),
    applicationSilence: paused ? 0 : record.applicationSilence(clock),
    idle: paused ? 0 : record.idle(clock),
  };
}
