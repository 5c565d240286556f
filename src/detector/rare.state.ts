import type { Backlog } from './backlog.js';
import type { Closing } from './closing.js';
import type { MessagePings } from './message.pings.js';

/** Causes that are reported once, until the client refutes them. */
export type ReportedCause =
  'unresponsive' | 'unadmitted' | 'expired' | 'idle' | 'slow-consumer' | 'flooding';

/**
 * What the detector knows of few connections. It is made when a connection needs it, so that the others are small. Only
 * the classes of which a connection is made read and write it.
 */
export class RareState {
  /** Tick of the last heartbeat message since the last check; 0: none. */
  heartbeatTick = 0;
  /** Stall-adjusted time of the last heartbeat message. */
  heartbeatAt = 0;
  /** Stall-adjusted time since which messages are demanded: earlier silence does not count. */
  demandedAt = 0;
  /** Stall-adjusted time of the last progress of a message in transit, in either direction. */
  progressAt = 0;
  /** Bytes of an incomplete frame arrived, or may have arrived while reading was paused. */
  isMidFrame = false;
  /** A long message was received since the last check. More may follow. */
  hasLongMessage = false;

  /** Message pings of a client whose application answers them. */
  messagePings: MessagePings | undefined;
  /** The last ping, while it waits in the socket behind other bytes. */
  unflushedPing: 'ping' | 'message-ping' | undefined;

  isPaused = false;
  isAdmitted = false;
  /** Causes already reported, in dry-run mode or for flooding, until cleared. */
  reported: Set<ReportedCause> | undefined;
  /** Time by which the lifetime was extended for the announcement of its end, in ms; 0: not extended. */
  extension = 0;
  backlog: Backlog | undefined;
  closing: Closing | undefined;
}
