import { CheckPlanner } from './check.planner.js';
import type { Closing } from './closing.js';
import { ConnectionCheck, type CheckResult } from './connection.check.js';
import { describe, type ConnectionDescription } from './connection.description.js';
import type { ConnectionRecord } from './connection.record.js';
import { DetectorPolicy } from './detector.policy.js';
import { DetectorTime } from './detector.time.js';
import type { StallAwareClock } from './stall-aware-clock.js';

/**
 * The failure detector. Its inputs are time and activity, its outputs decisions. It uses no socket, timer or clock.
 *
 * Every connection waits for its next check. A check takes in what was received and sent since the last one, decides,
 * and plans the next: at the phase of the connection once per interval, or earlier if there is more to notice.
 */
export class FailureDetector<Connection extends ConnectionRecord = ConnectionRecord> {
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
  add(connection: Connection, real: number): void {
    this.count++;
    connection.start(real);
    this.begin(connection);
  }

  /** Forgets a connection that was added, once. */
  remove(connection: Connection): void {
    this.count--;
    this.leaveSuspects(connection);
    this.planner.remove(connection);
  }

  /** A frame that answers no ping was received. */
  onFrame(connection: Connection): void {
    this.checkSuspect(connection);
    connection.onFrame(this.clock.ticks);
  }

  /** A pong that answers a ping was received. */
  onPong(connection: Connection): void {
    this.checkSuspect(connection);
    connection.onPong(this.clock.ticks);
    // Only a message answers a ping by message.
    if (connection.isAnsweredByPong) this.planner.planAnswered(connection);
  }

  /** An application message was received, or the application knows of another sign of life. */
  onApplicationMessage(connection: Connection): void {
    this.checkSuspect(connection);
    connection.onApplicationMessage(this.time);
  }

  /** A heartbeat message was received. */
  onHeartbeatMessage(connection: Connection): void {
    this.checkSuspect(connection);
    connection.onHeartbeatMessage(this.clock.ticks);
    this.planner.planAnswered(connection);
  }

  /** A ping frame was handed to the transport. */
  onPingSent(connection: Connection): void {
    connection.onPingSent(this.time);
    if (connection.isUnflushed) this.plan(connection);
  }

  /** A ping by message was handed to the transport. */
  onMessagePingSent(connection: Connection): void {
    connection.onMessagePingSent(this.time);
    // A frame may have to follow before the next planned check.
    this.plan(connection);
  }

  /** Suspends all decisions about a connection until `resume()`. Only its end is noticed. */
  pause(connection: Connection): void {
    connection.setPaused(true);
    this.planner.planDeadline(connection);
  }

  /** Ends `pause()`. All clocks of the connection start from zero. */
  resume(connection: Connection): void {
    connection.setPaused(false);
    if (connection.closing === undefined) this.begin(connection);
  }

  /** Another policy holds for a connection from now on. Nothing that was received is forgotten. */
  update(connection: Connection, policy: Connection['policy']): void {
    connection.update(policy, this.time);
    this.planner.planDeadline(connection);
    if (connection.closing === undefined) this.planner.checkSoon(connection);
  }

  /** The connection is closed by us, or terminated, at a real time. */
  onEvicted(connection: Connection, real: number, isTerminated: boolean): void {
    this.leaveSuspects(connection);
    connection.evict();
    this.close(connection, real, isTerminated);
  }

  /** Our close frame was handed to the transport. Bytes that the kernel takes from now on are progress. */
  onCloseFrameSent(connection: Connection): void {
    const { closing, policy } = connection;
    if (closing === undefined) return;
    closing.onCloseFrameSent(connection, this.time, policy.closeTimeout);
    this.planner.planDeadline(connection);
  }

  /** The lifetime of a connection, even if it is over, ends in `time` ms. */
  extendLifetime(connection: Connection, time: number): void {
    connection.extendLifetime(this.time.real, time);
    this.planner.planDeadline(connection);
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
    // Only connections that were added wait to be checked.
    return this.planner.nextDue() as Connection | undefined;
  }

  /**
   * Takes in what happened since the last check, decides, and plans the next check. Returns what has to be done;
   * `undefined` for nothing. The next check reuses the result.
   */
  check(connection: Connection): CheckResult | undefined {
    this.currentCheck.clear();
    connection.onCheck(this.time);
    if (connection.isProven) this.checkProven(connection);
    else if (!connection.isOpen || connection.closing !== undefined) this.checkClosing(connection);
    else if (connection.paused) this.plan(connection);
    else this.checkOpen(connection);
    return this.currentCheck.isEmpty ? undefined : this.currentCheck;
  }

  /** What is known of a connection now. */
  describe(connection: Connection): ConnectionDescription {
    return describe(connection, this.clock);
  }

  private begin(connection: ConnectionRecord): void {
    connection.restart(this.time);
    this.planner.planDeadline(connection);
    this.plan(connection);
  }

  private checkOpen(connection: ConnectionRecord): void {
    const { time, currentCheck } = this;
    connection.collectOutbound(time);
    // While reading is paused, silence proves nothing, and the state stays.
    const { isReadingPaused } = connection;
    if (isReadingPaused) connection.resetIdleClocks(time);
    else connection.collectInbound(time);
    const traffic = connection.collectTraffic(time);
    if (!isReadingPaused) this.updateState(connection);
    currentCheck.decideEviction(connection);
    if (currentCheck.eviction === undefined || connection.policy.dryRun)
      currentCheck.decidePings(connection, traffic);
    this.plan(connection);
  }

  private checkProven(connection: ConnectionRecord): void {
    this.currentCheck.decidePings(connection, connection.collectProvenTraffic(this.time));
    this.plan(connection);
  }

  private updateState(connection: ConnectionRecord): void {
    this.currentCheck.decideState(connection);
    const { transition } = this.currentCheck;
    if (transition === 'recovered') this.leaveSuspects(connection);
    if (transition !== 'suspect') return;
    connection.setSuspect(true);
    this.suspects++;
  }

  private checkClosing(connection: ConnectionRecord): void {
    const closing = connection.closing ?? this.close(connection, this.time.realReached, false);
    this.currentCheck.decideClosing(connection, closing);
    this.planner.planDeadline(connection);
  }

  private close(connection: ConnectionRecord, real: number, isTerminated: boolean): Closing {
    const closing = connection.beginClosing(real, isTerminated);
    this.planner.planOnlyDeadline(connection);
    return closing;
  }

  private plan(connection: ConnectionRecord): void {
    this.planner.plan(connection, this.suspects);
  }

  /** A suspect may have recovered. */
  private checkSuspect(connection: ConnectionRecord): void {
    if (connection.state === 'suspect') this.planner.checkSoon(connection);
  }

  private leaveSuspects(connection: ConnectionRecord): void {
    if (connection.state !== 'suspect') return;
    connection.setSuspect(false);
    this.suspects--;
  }
}
