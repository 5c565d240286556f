import { Flag } from './connection.flags.js';
import { ConnectionTransport } from './connection.transport.js';
import type { DetectorTime } from './detector.time.js';
import { RareState } from './rare.state.js';
import type { StallAwareClock } from './stall-aware-clock.js';

/** Tick number of an event that did not happen. */
const NEVER = 0;
/** Bytes of a long message, which may take longer to arrive than the time between two checks. */
const LONG_MESSAGE = 16_384;

/** The strongest sign of life that was received since the last check. */
export type Received = 'nothing' | 'frame' | 'heartbeat-message' | 'application-message';

/**
 * When a client last gave signs of life. Listeners record only the number of the current tick, and the socket counts
 * bytes; a check turns both into stall-adjusted time, always in the client's favour.
 */
export abstract class Activity extends ConnectionTransport {
  /** Made on demand. */
  protected rare: RareState | undefined;

  /** Tick of the last frame and application message since the last check. */
  private frameTick = NEVER;
  private applicationTick = NEVER;
  /** Bytes received at the last event or check. */
  private receivedBytes = 0;
  /** Stall-adjusted time of the last frame and application message. */
  private frameAt = 0;
  private applicationAt = 0;

  /** Whether the rest of a frame is expected. Only a check notices its progress. */
  get isInFrame(): boolean {
    return this.rare?.isMidFrame === true;
  }

  /** Whether a message is in transit, or was so long that another may follow. */
  get isReceiving(): boolean {
    return this.isInFrame || this.rare?.hasLongMessage === true;
  }

  /** Whether an application message was received since the last check. */
  get hasApplicationMessage(): boolean {
    return this.applicationTick > NEVER;
  }

  get lastFrameAt(): number {
    return this.frameAt;
  }

  get lastApplicationAt(): number {
    return this.applicationAt;
  }

  /**
   * The last sign of life of the kind that a policy demands. A message in transit counts for both kinds while it
   * makes progress, because an answer cannot overtake it.
   */
  lastLifeOf(isApplicationMode: boolean): number {
    const { rare } = this;
    const lastAt = isApplicationMode ? this.applicationAt : this.frameAt;
    if (rare === undefined) return lastAt;
    const { heartbeatAt, demandedAt, progressAt } = rare;
    return isApplicationMode
      ? Math.max(lastAt, heartbeatAt, demandedAt, progressAt)
      : Math.max(lastAt, progressAt);
  }

  /** All clocks start with the next tick. Earlier activity does not count. */
  restart(time: DetectorTime): void {
    const { rare } = this;
    const next = time.now + time.tick;
    this.receivedBytes = this.bytesRead;
    this.frameAt = next;
    this.applicationAt = next;
    // The next tick may be late. A check derives the time of that tick from the tick number.
    this.frameTick = time.clock.ticks;
    this.applicationTick = time.clock.ticks;
    if (rare === undefined) return;
    rare.heartbeatTick = NEVER;
    rare.heartbeatAt = next;
    rare.progressAt = next;
    rare.isMidFrame = false;
    rare.hasLongMessage = false;
  }

  /** There are `scale` times as many slots from now on. Times that start with the next tick start with the earlier one. */
  rescale(time: DetectorTime, _scale: number): void {
    const { rare } = this;
    const next = time.now + time.tick;
    this.frameAt = Math.min(this.frameAt, next);
    this.applicationAt = Math.min(this.applicationAt, next);
    if (rare === undefined) return;
    rare.heartbeatAt = Math.min(rare.heartbeatAt, next);
    rare.progressAt = Math.min(rare.progressAt, next);
  }

  /** Resets the idle clocks, because reading is paused. */
  resetIdleClocks({ clock }: DetectorTime): void {
    const rare = this.needRare();
    this.frameTick = NEVER;
    this.applicationTick = NEVER;
    this.set(Flag.hasUnsolicited, true);
    this.frameAt = clock.reached;
    this.applicationAt = clock.reached;
    rare.heartbeatTick = NEVER;
    rare.heartbeatAt = clock.reached;
    rare.isMidFrame = true;
  }

  /** A frame that answers no ping. */
  onFrame(tick: number): void {
    this.set(Flag.hasUnsolicited, true);
    this.onPong(tick);
  }

  onPong(tick: number): void {
    this.frameTick = tick;
    this.receivedBytes = this.bytesRead;
  }

  onHeartbeatMessage(tick: number): void {
    this.needRare().heartbeatTick = tick;
    this.receivedBytes = this.bytesRead;
  }

  onApplicationMessage({ clock }: DetectorTime): void {
    const { bytesRead } = this;
    this.applicationTick = clock.ticks;
    if (bytesRead - this.receivedBytes >= LONG_MESSAGE) this.needRare().hasLongMessage = true;
    this.receivedBytes = bytesRead;
  }

  /** Whether the client sent more than answers to pings since the last call. */
  takeUnsolicited(): boolean {
    return this.take(Flag.hasUnsolicited);
  }

  /** Stall-adjusted time since the last sign of life, also between checks. */
  silence(clock: StallAwareClock): number {
    return this.bytesRead === this.receivedBytes ? this.longestSilence(clock) : 0;
  }

  /** `silence()`, or more, without reading the socket. */
  longestSilence(clock: StallAwareClock): number {
    return since(clock, Math.max(this.frameTick, this.messageTick), this.lastLifeOf(false));
  }

  /** Stall-adjusted time since the last message, also between checks. */
  applicationSilence(clock: StallAwareClock): number {
    const lastAt = Math.max(this.applicationAt, this.rare?.heartbeatAt ?? 0);
    return since(clock, this.messageTick, lastAt);
  }

  /** Stall-adjusted time since the last application message, also between checks. */
  idle(clock: StallAwareClock): number {
    return since(clock, this.applicationTick, this.applicationAt);
  }

  /** The rare state, which exists from now on. */
  protected needRare(): RareState {
    return (this.rare ??= new RareState());
  }

  /** Takes in the frames, complete or not, that were received since the last check. */
  collectReceived(clock: StallAwareClock): Received {
    const received = this.collectMessages(clock);
    const { bytesRead } = this;
    if (bytesRead === this.receivedBytes) return received;
    const rare = this.needRare();
    this.receivedBytes = bytesRead;
    this.frameAt = clock.reached + 1;
    rare.progressAt = this.frameAt;
    rare.isMidFrame = true;
    this.set(Flag.hasUnsolicited, true);
    return received === 'nothing' ? 'frame' : received;
  }

  /** Takes in the complete messages and frames that were received since the last check. */
  protected collectMessages(clock: StallAwareClock): Received {
    const { applicationTick, frameTick, messageTick, rare } = this;
    const lastTick = Math.max(messageTick, frameTick);
    if (lastTick === NEVER) return 'nothing';
    this.frameAt = Math.max(this.frameAt, clock.after(lastTick));
    this.frameTick = NEVER;
    this.applicationTick = NEVER;
    if (rare !== undefined) {
      if (rare.heartbeatTick > NEVER) rare.heartbeatAt = clock.after(rare.heartbeatTick);
      rare.heartbeatTick = NEVER;
      // During a transfer, the next message is in transit as soon as one was received.
      rare.isMidFrame = rare.hasLongMessage;
      rare.hasLongMessage = false;
    }
    if (messageTick === NEVER) return 'frame';
    this.set(Flag.hasUnsolicited, true);
    if (applicationTick === NEVER) return 'heartbeat-message';
    this.applicationAt = Math.max(this.applicationAt, clock.after(applicationTick));
    return 'application-message';
  }

  /** Tick of the last message since the last check. */
  private get messageTick(): number {
    return Math.max(this.applicationTick, this.rare?.heartbeatTick ?? NEVER);
  }
}

function since(clock: StallAwareClock, tick: number, last: number): number {
  return Math.max(0, clock.now - (tick > NEVER ? Math.max(last, clock.after(tick)) : last));
}
