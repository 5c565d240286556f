import { Backlog } from './backlog.js';
import { Closing } from './closing.js';
import { Flag } from './connection.flags.js';
import type { DetectorPolicy } from './detector.policy.js';
import type { DetectorTime } from './detector.time.js';
import { PingSchedule, type Traffic } from './ping.schedule.js';
import type { ReportedCause } from './rare.state.js';
import type { RealDeadline } from './real-deadline.js';

/** The state of a connection for the detector. `evicted` is final. */
export type RecordState = 'alive' | 'suspect' | 'evicted';

/**
 * What the detector knows of one connection, which extends this class with its socket. Waits in the timing wheel for the
 * next check. Its base classes keep what the client sent, and when it is checked and pinged. They are not objects of
 * their own, because those would take 32 bytes each, of every connection: docs/PERFORMANCE.md.
 */
export abstract class ConnectionRecord<
  Policy extends DetectorPolicy = DetectorPolicy,
> extends PingSchedule {
  private currentPolicy: Policy;
  /** Real time at which the connection was made, whole ms. */
  private startedAt = 0;
  private realDeadline: RealDeadline<ConnectionRecord> | undefined;

  /**
   * @param policy the options that hold for the connection
   * @param sequence 1-based number of the connection
   */
  constructor(policy: Policy, sequence: number) {
    super(sequence);
    this.currentPolicy = policy;
  }

  get policy(): Policy {
    return this.currentPolicy;
  }

  get state(): RecordState {
    if (this.is(Flag.isEvicted)) return 'evicted';
    return this.is(Flag.isSuspect) ? 'suspect' : 'alive';
  }

  /** The application suspended all checks of this connection. */
  get paused(): boolean {
    return this.rare?.isPaused === true;
  }

  /** The application admitted the client: `admissionTimeout` no longer runs. */
  get admitted(): boolean {
    return this.rare?.isAdmitted === true;
  }

  get connectedAt(): number {
    return this.startedAt;
  }

  /** The bytes that wait in the socket, if a check found any. */
  get backlog(): Backlog | undefined {
    return this.rare?.backlog;
  }

  /** Set once the connection is being closed, by either side. */
  get closing(): Closing | undefined {
    return this.rare?.closing;
  }

  /** The deadline in real time; `undefined` for a connection that never had one. */
  get deadline(): RealDeadline<ConnectionRecord> | undefined {
    return this.realDeadline;
  }

  /** Whether the deadline has passed, and the next one is not planned yet. */
  get isDeadlineOver(): boolean {
    return this.is(Flag.isDeadlineOver);
  }

  /** Whether the connection is healthy, and nothing but its next ping, or a deadline, has to be checked. */
  get isUneventful(): boolean {
    return (
      this.state === 'alive' &&
      !this.paused &&
      this.closing === undefined &&
      this.backlog === undefined &&
      !this.isUnflushed &&
      !this.isReceiving
    );
  }

  /** Whether a message proves all that a check between two phases could find out, which then reads no socket. */
  get isProven(): boolean {
    return (
      this.hasApplicationMessage &&
      this.isUneventful &&
      !this.isDeadlineOver &&
      !this.is(Flag.isInPhase)
    );
  }

  get lifetimeExtension(): number {
    return this.rare?.extension ?? 0;
  }

  /**
   * Up to 10 % shorter than `maxLifetime`, so that clients that connected together are not closed together. Whole ms:
   * V8 allocates an object for a fraction.
   */
  get lifetime(): number {
    return Math.ceil(this.policy.maxLifetime * (1 - this.phase / 10)) + this.lifetimeExtension;
  }

  /** Stall-adjusted time of the last sign of life of the kind that the policy demands. */
  get lastLife(): number {
    return this.lastLifeOf(this.policy.application);
  }

  /** The connection was made at a real time. */
  start(real: number): void {
    this.startedAt = Math.floor(real);
  }

  override restart(time: DetectorTime): void {
    super.restart(time);
    if (this.rare !== undefined) this.rare.backlog = undefined;
    this.collectOutbound(time);
  }

  setPaused(isPaused: boolean): void {
    this.needRare().isPaused = isPaused;
  }

  admit(): void {
    this.needRare().isAdmitted = true;
  }

  /** Another policy holds from now on. Nothing that was received is forgotten. */
  update(policy: Policy, time: DetectorTime): void {
    if (policy.maxLifetime !== this.policy.maxLifetime && this.rare !== undefined)
      this.rare.extension = 0;
    if (policy.application && !this.policy.application) this.needRare().demandedAt = time.now;
    this.currentPolicy = policy;
    this.updatePhase(time);
  }

  /** The lifetime, even if it is over, ends in `time` ms. */
  extendLifetime(real: number, time: number): void {
    const overdue = real - this.connectedAt - this.lifetime;
    this.needRare().extension += Math.ceil(Math.max(0, overdue) + time);
  }

  setSuspect(isSuspect: boolean): void {
    this.set(Flag.isSuspect, isSuspect);
  }

  evict(): void {
    this.set(Flag.isEvicted, true);
  }

  /** The connection is being closed or terminated, from a real time on. */
  beginClosing(real: number, isTerminated: boolean): Closing {
    const closing = new Closing(this, real, this.policy.closeTimeout, isTerminated);
    return (this.needRare().closing = closing);
  }

  setDeadline(deadline: RealDeadline<ConnectionRecord>): RealDeadline<ConnectionRecord> {
    return (this.realDeadline = deadline);
  }

  setDeadlineOver(isOver: boolean): void {
    this.set(Flag.isDeadlineOver, isOver);
  }

  hasReported(cause: ReportedCause): boolean {
    return this.rare?.reported?.has(cause) === true;
  }

  /** Remembers that a cause was reported. Returns whether it is the first time since it was refuted. */
  report(cause: ReportedCause): boolean {
    if (this.hasReported(cause)) return false;
    (this.needRare().reported ??= new Set()).add(cause);
    return true;
  }

  /** Takes in what was received since the last check. */
  collectInbound({ clock }: DetectorTime): void {
    const received = this.collectReceived(clock);
    if (received === 'nothing') return;
    const isMessage = received !== 'frame';
    this.forgetPings(isMessage);
    if (isMessage || !this.policy.application) this.refute('unresponsive');
    if (received === 'application-message') this.refute('idle');
  }

  /** Takes in what the kernel has taken of the bytes that wait in the socket. */
  collectOutbound(time: DetectorTime): void {
    const { bufferedBytes } = this;
    if (bufferedBytes > 0 || this.backlog !== undefined)
      this.updateBacklog(time, bufferedBytes, true);
    if (this.isUnflushed && this.isFlushed) this.onFlushed(time.clock.reached);
  }

  /** If the ping is not flushed, the time for which the queue is blocked runs from now on. */
  override onPingSent(time: DetectorTime): void {
    super.onPingSent(time);
    if (!this.isUnflushed || this.backlog !== undefined) return;
    const { bufferedBytes } = this;
    if (bufferedBytes > 0) this.updateBacklog(time, bufferedBytes, false);
  }

  /**
   * What was sent since the last check. How much we sent is read once an interval of a client that only answers pings:
   * reading it costs as much as the rest of a check.
   */
  collectTraffic(time: DetectorTime): Traffic {
    if (this.is(Flag.hasUnsolicited) || this.is(Flag.isInPhase)) this.countSent(time.slot);
    return this.takeTraffic();
  }

  /**
   * The same of a client that is proven alive by its messages. How much we sent was read as they came, but for the answer
   * to the last one.
   */
  collectProvenTraffic({ clock, slot }: DetectorTime): Traffic {
    this.collectMessages(clock);
    if (!this.is(Flag.hasSent)) this.countSent(slot);
    this.forgetPings(true);
    this.refute('unresponsive');
    this.refute('idle');
    return this.takeTraffic();
  }

  /** The client refuted a cause, which may be reported again. */
  private refute(cause: ReportedCause): void {
    this.rare?.reported?.delete(cause);
  }

  private updateBacklog({ clock }: DetectorTime, waiting: number, isCheck: boolean): void {
    const rare = this.needRare();
    // The time at which bytes were taken is unknown: at the latest, now.
    const now = clock.reached + 1;
    const flushed = this.bytesFlushed;
    const backlog = (rare.backlog ??= new Backlog(flushed, now, isCheck));
    if (backlog.update(waiting, flushed, now, this.policy.maxBacklog, isCheck)) {
      rare.progressAt = now;
      this.refute('unresponsive');
      this.refute('slow-consumer');
    }
    if (waiting > 0) return;
    rare.backlog = undefined;
    this.refute('slow-consumer');
  }
}
