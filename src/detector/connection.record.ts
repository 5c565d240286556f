import { Activity } from './activity.js';
import { Backlog } from './backlog.js';
import { Closing } from './closing.js';
import type { ConnectionTransport } from './connection.transport.js';
import type { DetectorPolicy } from './detector.policy.js';
import type { DetectorTime } from './detector.time.js';
import { PingSchedule, type Traffic } from './ping.schedule.js';
import type { RealDeadline } from './real-deadline.js';
import { WheelEntry } from './timing-wheel.js';

/** The state of a connection for the detector. `evicted` is final. */
export type RecordState = 'alive' | 'suspect' | 'evicted';

/** Causes that are reported once, until the client refutes them. */
export type ReportedCause =
  'unresponsive' | 'unadmitted' | 'expired' | 'idle' | 'slow-consumer' | 'flooding';

/** What the detector knows of one connection. Waits in the timing wheel for the next check. */
export class ConnectionRecord extends WheelEntry {
  /** What the client sent. */
  readonly activity = new Activity();
  /** When the connection is checked and pinged. */
  readonly pings: PingSchedule;

  private currentPolicy: DetectorPolicy;
  private currentState: RecordState = 'alive';
  private isPaused = false;
  private isAdmitted = false;
  /** Causes already reported, in dry-run mode or for flooding, until cleared. */
  private reported: Set<ReportedCause> | undefined;
  /** Real time at which the connection was made, whole ms. */
  private startedAt = 0;
  /** Time by which the lifetime was extended for the announcement of its end, in ms; 0: not extended. */
  private extension = 0;
  private waiting: Backlog | undefined;
  private ending: Closing | undefined;
  private nextDeadline: RealDeadline<ConnectionRecord> | undefined;

  /**
   * @param transport the connection
   * @param policy the options that hold for it
   * @param sequence 1-based number of the connection
   */
  constructor(
    readonly transport: ConnectionTransport,
    policy: DetectorPolicy,
    sequence: number,
  ) {
    super();
    this.currentPolicy = policy;
    this.pings = new PingSchedule(sequence);
  }

  get policy(): DetectorPolicy {
    return this.currentPolicy;
  }

  get state(): RecordState {
    return this.currentState;
  }

  /** The application suspended all checks of this connection. */
  get paused(): boolean {
    return this.isPaused;
  }

  /** The application admitted the client: `admissionTimeout` no longer runs. */
  get admitted(): boolean {
    return this.isAdmitted;
  }

  get connectedAt(): number {
    return this.startedAt;
  }

  /** The bytes that wait in the socket, if a check found any. */
  get backlog(): Backlog | undefined {
    return this.waiting;
  }

  /** Set once the connection is being closed, by either side. */
  get closing(): Closing | undefined {
    return this.ending;
  }

  /** The deadline in real time; `undefined` for a connection that never had one. */
  get deadline(): RealDeadline<ConnectionRecord> | undefined {
    return this.nextDeadline;
  }

  /** Whether the connection is healthy, and nothing but its next ping, or a deadline, has to be checked. */
  get isUneventful(): boolean {
    return (
      this.state === 'alive' &&
      !this.paused &&
      this.closing === undefined &&
      this.backlog === undefined &&
      !this.pings.isUnflushed &&
      !this.activity.isReceiving
    );
  }

  /**
   * Whether a message since the last check proves all that a check between two phases could find out. Such a check
   * need not read the socket, which is in no processor cache by then: docs/PERFORMANCE.md.
   */
  isProven(time: DetectorTime): boolean {
    return (
      this.activity.hasApplicationMessage &&
      this.isUneventful &&
      this.deadline?.isOver !== true &&
      !this.pings.isInPhase(time, this.policy)
    );
  }

  get lifetimeExtension(): number {
    return this.extension;
  }

  /** Up to 10 % shorter than `maxLifetime`, so that clients that connected together are not closed together. */
  get lifetime(): number {
    return this.policy.maxLifetime * (1 - this.pings.phase / 10) + this.extension;
  }

  /** Stall-adjusted time of the last sign of life of the kind that the policy demands. */
  get lastLife(): number {
    return this.activity.lastLife(this.policy.application);
  }

  /** The connection was made at a real time. */
  start(real: number): void {
    this.startedAt = Math.floor(real);
  }

  /** All clocks start from zero. */
  restart(time: DetectorTime): void {
    this.activity.restart(this.transport, time);
    this.pings.restart(this.transport.bytesWritten, time.slot);
    this.waiting = undefined;
    this.collectOutbound(time);
  }

  /** There are `scale` times as many slots from now on. */
  rescale(time: DetectorTime, scale: number): void {
    this.activity.clampTo(time.now + time.tick);
    this.pings.rescale(scale);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  admit(): void {
    this.isAdmitted = true;
  }

  /** Another policy holds from now on. Nothing that was received is forgotten. */
  update(policy: DetectorPolicy, now: number): void {
    if (policy.maxLifetime !== this.policy.maxLifetime) this.extension = 0;
    if (policy.application && !this.policy.application) this.activity.demandMessages(now);
    this.currentPolicy = policy;
  }

  /** The lifetime, even if it is over, ends in `time` ms. */
  extendLifetime(real: number, time: number): void {
    const overdue = real - this.connectedAt - this.lifetime;
    this.extension += Math.ceil(Math.max(0, overdue) + time);
  }

  suspect(): void {
    this.currentState = 'suspect';
  }

  recover(): void {
    this.currentState = 'alive';
  }

  evict(): void {
    this.currentState = 'evicted';
  }

  /** The connection is being closed or terminated, from a real time on. */
  close(real: number, isTerminated: boolean): Closing {
    const { closeTimeout } = this.policy;
    return (this.ending = new Closing(this.transport, real, closeTimeout, isTerminated));
  }

  setDeadline(deadline: RealDeadline<ConnectionRecord>): RealDeadline<ConnectionRecord> {
    return (this.nextDeadline = deadline);
  }

  hasReported(cause: ReportedCause): boolean {
    return this.reported?.has(cause) === true;
  }

  /** Remembers that a cause was reported. Returns whether it is the first time since it was refuted. */
  report(cause: ReportedCause): boolean {
    if (this.hasReported(cause)) return false;
    (this.reported ??= new Set()).add(cause);
    return true;
  }

  /** Takes in what was received since the last check. */
  collectInbound({ clock }: DetectorTime): void {
    const received = this.activity.collectInbound(this.transport, clock);
    if (received === 'nothing') return;
    const isMessage = received !== 'frame';
    this.pings.onAnswer(isMessage);
    if (isMessage || !this.policy.application) this.reported?.delete('unresponsive');
    if (received === 'application-message') this.reported?.delete('idle');
  }

  /** Takes in what the kernel has taken of the bytes that wait in the socket. */
  collectOutbound(time: DetectorTime): void {
    const { transport } = this;
    const { bufferedBytes } = transport;
    if (bufferedBytes > 0 || this.waiting !== undefined)
      this.updateBacklog(time, bufferedBytes, true);
    if (this.pings.isUnflushed && transport.isFlushed)
      this.pings.onFlushed(time.clock.reached, this.policy);
  }

  /** A ping was sent and not flushed. The time for which the queue is blocked runs from now on. */
  onUnflushedPing(time: DetectorTime): void {
    const { bufferedBytes } = this.transport;
    if (bufferedBytes === 0 || this.waiting !== undefined) return;
    this.updateBacklog(time, bufferedBytes, false);
  }

  /** Reading is paused: the silence is ours. */
  resetIdleClocks({ clock }: DetectorTime): void {
    this.activity.resetIdleClocks(clock.reached);
    this.pings.onReadingPaused(clock.reached, this.policy);
  }

  /**
   * What was sent since the last check. How much we sent is read once an interval of a client that only answers pings:
   * reading it costs as much as the rest of a check.
   */
  collectTraffic(time: DetectorTime): Traffic {
    const { activity, pings, policy, transport } = this;
    const isUnsolicited = activity.takeUnsolicited();
    if (isUnsolicited || pings.isInPhase(time, policy)) pings.countSent(transport, time.slot);
    return trafficOf(pings.takeSent(), isUnsolicited);
  }

  /** The same of a client that is proven alive by its messages. How much we sent was read as they came. */
  collectProvenTraffic({ clock }: DetectorTime): Traffic {
    const { activity, pings } = this;
    activity.collectMessages(clock);
    pings.onAnswer(true);
    this.reported?.delete('unresponsive');
    this.reported?.delete('idle');
    return trafficOf(pings.takeSent(), activity.takeUnsolicited());
  }

  private updateBacklog({ clock }: DetectorTime, waiting: number, isCheck: boolean): void {
    // The time at which bytes were taken is unknown: at the latest, now.
    const now = clock.reached + 1;
    const flushed = this.transport.bytesFlushed;
    const backlog = (this.waiting ??= new Backlog(flushed, now, isCheck));
    if (backlog.update(waiting, flushed, now, this.policy.maxBacklog, isCheck)) {
      this.activity.onOutboundProgress(now);
      this.reported?.delete('unresponsive');
      this.reported?.delete('slow-consumer');
    }
    if (waiting > 0) return;
    this.waiting = undefined;
    this.reported?.delete('slow-consumer');
  }
}

function trafficOf(hasSent: boolean, isUnsolicited: boolean): Traffic {
  if (!hasSent) return 'none';
  return isUnsolicited ? 'both' : 'outbound';
}
