import { Activity } from './activity.js';
import { Flag } from './connection.flags.js';
import type { DetectorPolicy } from './detector.policy.js';
import type { DetectorTime } from './detector.time.js';
import { MessagePings } from './message.pings.js';
import { phaseOf, slotsToPhase } from './phase.js';

const NONE = -1;

/** What was sent since the last check: by neither side, by the application alone, or by both. */
export type Traffic = 'none' | 'outbound' | 'both';

/** What a check decides about the regular ping. */
export type PingDecision = 'none' | 'ping' | 'message-ping' | 'suppressed';

/**
 * When a connection is checked and pinged. A connection keeps its phase for life. At its phase, once per interval, it is
 * checked and, if necessary, pinged. While the application sends to it, it is checked again half-way between. So a ping
 * can be skipped while there is traffic in both directions, no ping is late when that traffic ends, and bytes that the
 * client does not take are noticed sooner.
 */
export abstract class PingSchedule extends Activity {
  /** Slot of the next phase, or of one that has come since the last check. */
  private phaseSlot = 0;
  /** Slot of the last reading of `bytesWritten`. */
  private countedSlot = 0;
  /** The earliest slot in which our last bytes can have been sent. */
  private sentSlot = 0;
  /** `bytesWritten` at its last reading. */
  private sentBytes = 0;
  /** Stall-adjusted time of the first unanswered ping; -1: none. */
  private pingSentAt = NONE;

  /** The options that hold for the connection. */
  abstract readonly policy: DetectorPolicy;

  /** @param sequence 1-based number of the connection */
  constructor(private readonly sequence: number) {
    super();
  }

  /** The position of this connection between all others, from 0 to 1. */
  get phase(): number {
    return phaseOf(this.sequence);
  }

  /** Whether the client's application answers message pings. */
  get answersMessages(): boolean {
    return this.messagePings !== undefined;
  }

  /** Whether the last ping waits in the socket behind other bytes. */
  get isUnflushed(): boolean {
    return this.rare?.unflushedPing !== undefined;
  }

  /** Whether a pong is the answer that is awaited. */
  get isAnsweredByPong(): boolean {
    return !this.policy.application && this.followUpAt === Infinity;
  }

  /** Stall-adjusted time at which a ping frame has to follow a message ping; Infinity for none. */
  get followUpAt(): number {
    return this.messagePings?.followUpAt ?? Infinity;
  }

  /** The client's application answers message pings from now on. */
  enableMessagePings(): void {
    this.needRare().messagePings ??= new MessagePings();
  }

  override restart(time: DetectorTime): void {
    super.restart(time);
    this.sentBytes = this.bytesWritten;
    this.forgetPings(true);
    this.planPhase(time);
    this.countedSlot = time.slot;
    this.sentSlot = time.slot;
    this.set(Flag.isHalfChecked, false);
    this.set(Flag.hasSent, false);
  }

  override rescale(time: DetectorTime, scale: number): void {
    super.rescale(time, scale);
    this.phaseSlot = Math.floor(this.phaseSlot * scale);
    this.updatePhase(time);
    this.countedSlot = Math.floor(this.countedSlot * scale);
    this.sentSlot = Math.floor(this.sentSlot * scale);
  }

  /** The slot of the next regular check. */
  nextCheck(time: DetectorTime): number {
    return this.is(Flag.isHalfChecked) ? this.nextHalf(time) : this.phaseSlot;
  }

  /** A check begins. It is in phase if the phase has come since the last one. */
  onCheck(time: DetectorTime): void {
    const isInPhase = time.slot >= this.phaseSlot;
    this.set(Flag.isInPhase, isInPhase);
    if (!isInPhase) return;
    this.phaseSlot += 2 * this.policy.halfInterval(time.tick);
    // The check is later than an interval.
    if (this.phaseSlot <= time.slot) this.planPhase(time);
  }

  /** A ping frame was sent. It counts for the slot in which it was due, and is not traffic of the application. */
  onPingSent(time: DetectorTime): void {
    if (!this.isFlushed) this.needRare().unflushedPing = 'ping';
    else if (this.pingSentAt === NONE) this.pingSentAt = time.clock.reached;
    this.sentSlot = this.nextHalf(time) - this.policy.halfInterval(time.tick);
    this.sentBytes = this.bytesWritten;
  }

  /** A ping was sent by message. */
  onMessagePingSent(time: DetectorTime): void {
    this.onPingSent(time);
    if (this.isUnflushed) this.needRare().unflushedPing = 'message-ping';
    else this.messagePings?.onSent(time.clock.reached, time.now + this.policy.followUpAfter);
  }

  /** Reading is paused. The answer to an earlier ping needs no more time: the silence itself starts now. */
  override resetIdleClocks(time: DetectorTime): void {
    super.resetIdleClocks(time);
    this.messagePings?.postponeFollowUp(time.clock.reached + this.policy.followUpAfter);
  }

  /** A message was received: reads how much was sent, at most once per slot. */
  override onApplicationMessage(time: DetectorTime): void {
    super.onApplicationMessage(time);
    // The socket is in the processor cache now, and would not be when the connection is checked.
    if (time.slot !== this.countedSlot) this.countSent(time.slot);
  }

  /**
   * Reads how much was sent. It may have been sent before the last check, or be a ping that was compressed; only
   * traffic that lasts for two checks is certain.
   */
  countSent(slot: number): void {
    const since = this.countedSlot;
    const { bytesWritten } = this;
    this.countedSlot = slot;
    if (bytesWritten === this.sentBytes) return;
    this.sentBytes = bytesWritten;
    this.set(Flag.hasSent, true);
    // When exactly it was sent is unknown: at worst right after the last count.
    this.sentSlot = Math.max(this.sentSlot, since);
  }

  /** What was sent since the last call, as far as it was counted. */
  takeTraffic(): Traffic {
    const isUnsolicited = this.takeUnsolicited();
    if (!this.take(Flag.hasSent)) return 'none';
    return isUnsolicited ? 'both' : 'outbound';
  }

  /** Decides about the regular ping, and whether to check half-way. `traffic`: since the last check. */
  decidePing(time: DetectorTime, lastLife: number, traffic: Traffic): PingDecision {
    const isInPhase = this.is(Flag.isInPhase);
    if (isInPhase) this.set(Flag.isHalfChecked, traffic !== 'none');
    // A second ping would wait behind the first.
    if (this.isUnflushed) return 'none';
    // Only lasting traffic suppresses a ping. One broadcast that everyone answers would suppress half of the pings,
    // and half an interval later those clients would all be pinged together with the other half.
    const isLasting = traffic === 'both' && !this.is(Flag.lackedTraffic);
    this.set(Flag.lackedTraffic, traffic !== 'both');
    if ((isInPhase && !isLasting) || this.isPingDue(time, lastLife))
      return this.answersMessages ? 'message-ping' : 'ping';
    return isInPhase ? 'suppressed' : 'none';
  }

  /** Whether one direction would be silent for longer than the interval at the next check. */
  private isPingDue(time: DetectorTime, lastLife: number): boolean {
    if (!this.isTooSilent(time, lastLife)) return false;
    if (this.countedSlot === time.slot) return true;
    // Counted as a message came, and without the answer to it.
    this.countSent(time.slot);
    return this.isTooSilent(time, lastLife);
  }

  /**
   * While a ping is unanswered, only our own silence demands another one. A frozen client finds all of them when it
   * wakes up, and `ws` terminates a connection on which it finds 60.
   */
  private isTooSilent(time: DetectorTime, lastLife: number): boolean {
    const oldest = this.nextCheck(time) - 2 * this.policy.halfInterval(time.tick);
    const isUnanswered = this.unansweredSince !== NONE;
    return this.sentSlot < oldest || (!isUnanswered && lastLife < oldest * time.tick);
  }

  /**
   * Whether a ping frame has to follow an unanswered message ping, now. Only a frame distinguishes an unresponsive
   * application from a dead network path.
   */
  takeFollowUp(now: number): boolean {
    return this.messagePings?.takeFollowUp(now) === true;
  }

  /** Stall-adjusted time until which the answer to a flushed ping has to be awaited; Infinity where there is none. */
  get answerDueAt(): number {
    const { unansweredSince } = this;
    return unansweredSince === NONE ? Infinity : unansweredSince + this.policy.pongTimeout;
  }

  /** The ping that waited has been flushed: the client's time to answer starts now. */
  protected onFlushed(now: number): void {
    const rare = this.needRare();
    if (this.pingSentAt === NONE) this.pingSentAt = now;
    if (rare.unflushedPing === 'message-ping')
      rare.messagePings?.onSent(now, now + this.policy.followUpAfter);
    rare.unflushedPing = undefined;
  }

  /** A sign of life was received: it answers the pings, but only a message answers a message ping. */
  protected forgetPings(isMessage: boolean): void {
    this.pingSentAt = NONE;
    if (this.rare === undefined) return;
    // The ping may still wait behind an endless stream, and must not be the last one.
    this.rare.unflushedPing = undefined;
    if (isMessage) this.rare.messagePings?.forget();
  }

  /** Another interval, or another tick, holds from now on. A phase that has come since the last check stays due. */
  protected updatePhase(time: DetectorTime): void {
    const isDue = this.phaseSlot <= time.slot;
    this.planPhase(time);
    if (isDue) this.phaseSlot -= 2 * this.policy.halfInterval(time.tick);
  }

  private planPhase({ slot, tick }: DetectorTime): void {
    this.phaseSlot = slot + slotsToPhase(this.sequence, slot, this.policy.halfInterval(tick));
  }

  /** The slot of the next phase or of half-way, whichever comes first. */
  private nextHalf({ slot, tick }: DetectorTime): number {
    const half = this.policy.halfInterval(tick);
    return this.phaseSlot - slot > half ? this.phaseSlot - half : this.phaseSlot;
  }

  private get messagePings(): MessagePings | undefined {
    return this.rare?.messagePings;
  }

  /** When the first unanswered ping was sent, of the kind whose answer is a sign of life; -1: none. */
  private get unansweredSince(): number {
    const { messagePings, policy, pingSentAt } = this;
    return policy.application ? (messagePings?.unansweredSince ?? pingSentAt) : pingSentAt;
  }
}
