import type { LivenessPolicy } from './liveness.policy.js';
import { RoundTripEstimator } from './round-trip.estimator.js';
import { WheelEntry } from './timing-wheel.js';

/** Where a connection stands: `evicted` is final, the others follow what is heard. */
export type LivenessState = 'alive' | 'suspect' | 'evicted';

const NEVER = 0;

/**
 * All that is known of one connection. Messages only leave the number of the tick in which they came;
 * the monitor turns it into attended time when it looks.
 */
export abstract class ConnectionRecord extends WheelEntry {
  state: LivenessState = 'alive';
  /** The application asked not to judge this connection for now. */
  paused = false;
  /** The application vouched for the client once: the admission clock is off. */
  admitted = false;
  /** Causes that were spoken without closing (`observeOnly`), as bits, until they are refuted. */
  observed = 0;

  /** Tick of the last frame, of the last application message: `NEVER` once a look has seen them. */
  heardTick = NEVER;
  activeTick = NEVER;
  /** Counters as they stood when they were last accounted for. */
  receivedBytes = 0;
  sentBytes = 0;

  /** Attended time of the last sign of life and of the last application message. */
  lastHeard = 0;
  lastActive = 0;
  /** Attended time of the first ping that is still unanswered; -1 where none is. */
  askedAt = -1;
  /** Slot of the last look, and the earliest slot in which the last bytes to the peer can have left. */
  lookedSlot = 0;
  sentSlot = 0;
  /** Whether the last look, if any, had found traffic in both directions. */
  spokeBothWays = true;

  /** Real time of the connection, of the last proven round trip (-1: none), of the end of a close handshake. */
  connectedAt = 0;
  provenAt = -1;
  closeBy = -1;
  roundTrip: RoundTripEstimator | undefined;

  /** `sequence`: the how manieth connection this is. */
  constructor(
    public policy: LivenessPolicy,
    readonly sequence: number,
  ) {
    super();
  }

  /** Bytes received from the peer so far. */
  abstract get bytesRead(): number;
  /** Bytes handed to the transport so far. */
  abstract get bytesWritten(): number;
  /** Whether reading is paused, so that silence means nothing. */
  abstract get isReadingPaused(): boolean;
  /** Whether the connection is open in both directions. */
  abstract get isOpen(): boolean;

  /**
   * Where this connection stands between all others, from 0 to 1: multiples of the golden ratio,
   * which spread evenly however many there are.
   */
  get phase(): number {
    return (this.sequence * 0.6180339887498949) % 1;
  }

  /** Up to a tenth earlier than `maxLifetime`, so that those who came together do not leave together. */
  get lifetime(): number {
    return this.policy.maxLifetime * (1 - this.phase / 10);
  }

  sampleRoundTrip(duration: number): void {
    if (this.roundTrip === undefined) this.roundTrip = new RoundTripEstimator(duration);
    else this.roundTrip.add(duration);
  }
}
