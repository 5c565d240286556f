import { CheckPlanner } from './check.planner.js';
import type { Closing } from './closing.js';
import { ConnectionCheck, type CheckResult } from './connection.check.js';
import { describe, type ConnectionDescription } from './connection.description.js';
import type { ConnectionRecord } from './connection.record.js';
import type { ConnectionTransport } from './connection.transport.js';
import { DetectorPolicy } from './detector.policy.js';
import { DetectorTime } from './detector.time.js';
import type { StallAwareClock } from './stall-aware-clock.js';

/** A connection of the detector: a transport with a record. */
export interface RecordedConnection extends ConnectionTransport {
  readonly record: ConnectionRecord;
}

/**
 * The failure detector. Its inputs are time and activity, its outputs decisions. It uses no socket, timer or clock.
 *
 * Every connection waits for its next check. A check takes in what was received and sent since the last one, decides,
 * and plans the next: at the phase of the connection once per interval, or earlier if there is more to notice.
 */
export class FailureDetector<Connection extends RecordedConnection = RecordedConnection> {
  private count = 0;
  private suspects = 0;
  private readonly time: DetectorTime;
  private readonly planner: CheckPlanner;
  private readonly currentCheck: ConnectionCheck;

  /**
   * @param real the current time, in ms
   * @param tick ms between two ticks
   */
  constructor(real: number, tick: number = DetectorPolicy.longestTick) {
    this.time = new DetectorTime(real, tick);
    this.planner = new CheckPlanner(this.time);
    this.currentCheck = new ConnectionCheck(this.time);
  }

  /** The number of connections. */
  get size(): number {
    return this.count;
  }

  /** Ms between two ticks. */
  get tick(): number {
    return this.time.tick;
  }

  get clock(): StallAwareClock {
    return this.time.clock;
  }

  /** Adds a connection that was made at a real time. */
  add({ record }: Connection, real: number): void {
    this.count++;
    record.start(real);
    this.begin(record);
  }

  /** Forgets a connection that was added, once. */
  remove({ record }: Connection): void {
    this.count--;
    this.leaveSuspects(record);
    this.planner.remove(record);
  }

  /** A frame that answers no ping was received. */
  onFrame({ record, bytesRead }: Connection): void {
    this.checkSuspect(record);
    record.activity.onFrame(this.clock.ticks, bytesRead);
  }

  /** A pong that answers a ping was received. */
  onPong({ record, bytesRead }: Connection): void {
    this.checkSuspect(record);
    record.activity.onPong(this.clock.ticks, bytesRead);
    // Only a message answers a ping by message.
    if (record.pings.isAnsweredByPong(record.policy)) this.planner.planAnswered(record);
  }

  /** An application message was received, or the application knows of another sign of life. */
  onApplicationMessage({ record, bytesRead }: Connection): void {
    this.checkSuspect(record);
    record.activity.onApplicationMessage(this.clock.ticks, bytesRead);
    // The socket is in the processor cache now, and would not be when the connection is checked.
    record.pings.onMessage(record.transport, this.time.slot);
  }

  /** A heartbeat message was received. */
  onHeartbeatMessage({ record, bytesRead }: Connection): void {
    this.checkSuspect(record);
    record.activity.onHeartbeatMessage(this.clock.ticks, bytesRead);
    this.planner.planAnswered(record);
  }

  /** A ping frame was handed to the transport. */
  onPingSent({ record }: Connection): void {
    record.pings.onPingSent(this.time, record.policy, record.transport);
    if (!record.pings.isUnflushed) return;
    record.onUnflushedPing(this.time);
    this.plan(record);
  }

  /** A ping by message was handed to the transport. */
  onMessagePingSent({ record }: Connection): void {
    record.pings.onMessagePingSent(this.time, record.policy, record.transport);
    if (record.pings.isUnflushed) record.onUnflushedPing(this.time);
    // A frame may have to follow before the next planned check.
    this.plan(record);
  }

  /** Suspends all decisions about a connection until `resume()`. Only its end is noticed. */
  pause({ record }: Connection): void {
    record.pause();
    this.planner.planDeadline(record);
  }

  /** Ends `pause()`. All clocks of the connection start from zero. */
  resume({ record }: Connection): void {
    record.resume();
    if (record.closing === undefined) this.begin(record);
  }

  /** Another policy holds for a connection from now on. Nothing that was received is forgotten. */
  update({ record }: Connection, policy: DetectorPolicy): void {
    record.update(policy, this.clock.now);
    this.planner.planDeadline(record);
    if (record.closing === undefined) this.planner.checkSoon(record);
  }

  /** The connection is closed by us, or terminated, at a real time. */
  onEvicted({ record }: Connection, real: number, isTerminated: boolean): void {
    this.leaveSuspects(record);
    record.evict();
    this.close(record, real, isTerminated);
  }

  /** Our close frame was handed to the transport. Bytes that the kernel takes from now on are progress. */
  onCloseFrameSent({ record }: Connection): void {
    const { closing, policy, transport } = record;
    if (closing === undefined) return;
    closing.onCloseFrameSent(transport, this.time, policy.closeTimeout);
    this.planner.planDeadline(record);
  }

  /** The lifetime of a connection, even if it is over, ends in `time` ms. */
  extendLifetime({ record }: Connection, time: number): void {
    record.extendLifetime(this.time.real, time);
    this.planner.planDeadline(record);
  }

  /** A tick, at a real time. Returns the length of the stall that it ended, or 0. Checks are due afterwards. */
  advance(real: number): number {
    const stall = this.time.advance(real);
    this.planner.advance();
    return stall;
  }

  /** The checks of this tick begin or continue at a real time. Everything received so far is not later. */
  continueTick(real: number): void {
    this.time.reach(real);
  }

  /** The timer restarts at a real time. The time since the last tick does not count. */
  skip(real: number): void {
    this.time.skip(real);
  }

  /** From now on a tick comes every `tick` ms. */
  changeTick(tick: number): void {
    this.planner.changeTick(tick, this.suspects);
  }

  /** The next connection that is due for a check. */
  nextDue(): Connection | undefined {
    // Only records of connections that were added wait to be checked.
    return this.planner.nextDue()?.transport as Connection | undefined;
  }

  /**
   * Takes in what happened since the last check, decides, and plans the next check. Returns what has to be done;
   * `undefined` for nothing. The next check reuses the result.
   */
  check({ record }: Connection): CheckResult | undefined {
    this.currentCheck.clear();
    if (record.isProven(this.time)) this.checkProven(record);
    else if (!record.transport.isOpen || record.closing !== undefined) this.checkClosing(record);
    else if (record.paused) this.plan(record);
    else this.checkOpen(record);
    return this.currentCheck.isEmpty ? undefined : this.currentCheck;
  }

  /** What is known of a connection now. */
  describe({ record }: Connection): ConnectionDescription {
    return describe(record, this.clock);
  }

  private begin(record: ConnectionRecord): void {
    record.restart(this.time);
    this.planner.planDeadline(record);
    this.plan(record);
  }

  private checkOpen(record: ConnectionRecord): void {
    const { time, currentCheck } = this;
    record.collectOutbound(time);
    // While reading is paused, silence proves nothing, and the state stays.
    const { isReadingPaused } = record.transport;
    if (isReadingPaused) record.resetIdleClocks(time);
    else record.collectInbound(time);
    const traffic = record.collectTraffic(time);
    if (!isReadingPaused) this.updateState(record);
    currentCheck.decideEviction(record);
    if (currentCheck.eviction === undefined || record.policy.dryRun)
      currentCheck.decidePings(record, traffic);
    record.pings.onChecked(time.slot);
    this.plan(record);
  }

  private checkProven(record: ConnectionRecord): void {
    this.currentCheck.decidePings(record, record.collectProvenTraffic(this.time));
    record.pings.onChecked(this.time.slot);
    this.plan(record);
  }

  private updateState(record: ConnectionRecord): void {
    this.currentCheck.decideState(record);
    const { transition } = this.currentCheck;
    if (transition === 'recovered') this.leaveSuspects(record);
    if (transition !== 'suspect') return;
    record.suspect();
    this.suspects++;
  }

  private checkClosing(record: ConnectionRecord): void {
    const closing = record.closing ?? this.close(record, this.time.realReached, false);
    this.currentCheck.decideClosing(record, closing);
    this.planner.planDeadline(record);
  }

  private close(record: ConnectionRecord, real: number, isTerminated: boolean): Closing {
    const closing = record.close(real, isTerminated);
    this.planner.planOnlyDeadline(record);
    return closing;
  }

  private plan(record: ConnectionRecord): void {
    this.planner.plan(record, this.suspects);
  }

  /** A suspect may have recovered. */
  private checkSuspect(record: ConnectionRecord): void {
    if (record.state === 'suspect') this.planner.checkSoon(record);
  }

  private leaveSuspects(record: ConnectionRecord): void {
    if (record.state !== 'suspect') return;
    record.recover();
    this.suspects--;
  }
}
