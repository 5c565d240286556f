import type { DetectorPolicy } from './detector.policy.js';
import { RoundTripEstimator } from './round-trip.estimator.js';
import { WheelEntry } from './timing-wheel.js';

/** Where a connection stands: `evicted` is final, the others follow what is heard. */
export type LivenessState = 'alive' | 'suspect' | 'evicted';

const NEVER = 0;
/** The fractional part of the golden ratio. */
const GOLDEN = 0.6180339887498949;

/** Waits in real time for what a connection is due for there, while the record itself waits in attended time. */
export class RealDeadline extends WheelEntry {
  /** Real time, whole ms. */
  at = Infinity;

  constructor(readonly record: ConnectionRecord) {
    super();
  }

  /** Whether it has come, and the next has not been planned yet. */
  get isOver(): boolean {
    return !this.isWaiting && this.at !== Infinity;
  }
}

/** What waits in the socket of a connection, as it was at the last look that found something there. */
export class Backlog {
  /** Attended time since which the kernel took nothing of it. */
  blockedSince: number;
  /** The least that has waited since more than the limit `max` waits; Infinity while no more does. */
  leastOverMax = Infinity;
  /** Bytes that wait. */
  waitingBytes = 0;

  /**
   * @param flushedBytes what the kernel had taken when it was last asked
   * @param isBlocked whether a look found the bytes waiting. Those of a ping that was sent just now may still be taken
   * at once, where writes complete later.
   */
  constructor(
    public flushedBytes: number,
    now: number,
    public isBlocked: boolean,
  ) {
    this.blockedSince = now;
  }
}

/** A connection that is being closed, whichever side began it. Real time, whole ms. */
export class Closing {
  /** When it is looked at next. */
  checkAt: number;
  /** It was terminated, and should be gone. */
  isTerminated = false;

  /**
   * @param flushedBytes what the kernel had taken when it was last asked
   * @param by when it is terminated, unless the kernel takes something before
   */
  constructor(
    public flushedBytes: number,
    public by: number,
  ) {
    this.checkAt = by;
  }
}

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
  /** Causes that were spoken without closing (`dryRun`), as bits, until they are refuted. */
  reported = 0;

  /** The peer's application answers pings by message. */
  answersMessages = false;

  /**
   * Tick of the last frame, of the last heartbeat message, of the last application message: `NEVER` once a
   * look has seen them.
   */
  frameTick = NEVER;
  heartbeatTick = NEVER;
  applicationTick = NEVER;
  /** Counters as they stood when they were last accounted for. */
  receivedBytes = 0;
  sentBytes = 0;

  /** Attended time of the last sign of life, of the last message, of the last application message. */
  lastFrameAt = 0;
  lastMessageAt = 0;
  lastApplicationAt = 0;
  /** Attended time of the last progress of a message that is under way, in either direction. */
  lastProgress = 0;
  /** Attended time since when messages are demanded: their silence before that is nobody's fault. */
  demandedAt = 0;
  /** Attended time of the first ping, and of the first by message, that is still unanswered; -1: none is. */
  pingSentAt = -1;
  messagePingSentAt = -1;
  /** Attended time at which a frame must follow the last ping by message; -1: none must. */
  followUpAt = -1;
  /** What was sent last to ask the peer and is not flushed yet: it waits behind what we send. */
  unflushed: 'ping' | 'message' | undefined;
  /** What waits in the socket, if something did at the last look. */
  backlog: Backlog | undefined;
  /**
   * Slot of the last look, of the last look at what was sent, and the earliest in which the last bytes to the
   * peer can have left.
   */
  checkedSlot = 0;
  countedSlot = 0;
  sentSlot = 0;
  /** Bytes came after the last frame: of one that is on its way. Or may have come, as we did not read. */
  isInFrame = false;
  /** A long message came since the last look: more of its kind may be on its way. */
  isBulk = false;
  /** Since the last look the peer said something unasked: more than answers to pings. */
  hasUnsolicited = false;
  /** Whether the last look, if any, had found traffic in both directions. */
  hadBothWays = true;

  /** Real time, whole ms, of the connection, and of the last proven round trip (-1: none). */
  connectedAt = 0;
  provenAt = -1;
  /** Set once the connection is being closed, by whichever side. */
  closing: Closing | undefined;
  /** Ms by which the end of the lifetime was put off, so that the peer can be told of it; 0: not yet. */
  lifetimeExtension = 0;
  roundTrip: RoundTripEstimator | undefined;
  /** The next deadline in real time, of those who ever had one. */
  deadline: RealDeadline | undefined;

  /** `sequence`: the how manieth connection this is. */
  constructor(
    public policy: DetectorPolicy,
    readonly sequence: number,
  ) {
    super();
  }

  /** Bytes received from the peer so far. */
  abstract get bytesRead(): number;
  /** Bytes handed to the transport so far. */
  abstract get bytesWritten(): number;
  /** Bytes that wait in the socket: handed to it, and not taken by the kernel. */
  abstract get bufferedBytes(): number;
  /** Bytes that the kernel has taken so far. Where that cannot be known, a number that grows only if it took some. */
  abstract get bytesFlushed(): number;
  /** Whether the kernel has taken all that was sent. What still has to be compressed was not taken. */
  abstract get isFlushed(): boolean;
  /** Whether reading is paused, so that silence means nothing. */
  abstract get isReadingPaused(): boolean;
  /** Whether the connection is open, and no closing handshake has begun. */
  abstract get isOpen(): boolean;
  /** Whether the connection is closed, and only its end was not heard of yet. */
  abstract get isClosed(): boolean;

  /**
   * Where this connection stands between all others, from 0 to 1: multiples of the golden ratio,
   * which spread evenly however many there are.
   */
  get phase(): number {
    const turns = this.sequence * GOLDEN;
    return turns - Math.floor(turns);
  }

  /**
   * The slot of its phase, where there are so many. Each look asks for it; the fraction itself would be an object
   * wherever the compiler does not inline the call that returns it.
   */
  phaseIn(slots: number): number {
    const turns = this.sequence * GOLDEN;
    return Math.floor((turns - Math.floor(turns)) * slots);
  }

  /** Up to a tenth earlier than `maxLifetime`, so that those who came together do not leave together. */
  get lifetime(): number {
    return this.policy.maxLifetime * (1 - this.phase / 10) + this.lifetimeExtension;
  }

  /** Takes a sample, and returns it as it is remembered. */
  sampleRoundTrip(duration: number): number {
    if (this.roundTrip === undefined) this.roundTrip = new RoundTripEstimator(duration);
    else this.roundTrip.add(duration);
    return this.roundTrip.last;
  }
}
