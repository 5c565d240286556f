import type { ConnectionTransport } from './connection.transport.js';
import type { DetectorTime } from './detector.time.js';
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
export class Activity {
  /** Tick of the last frame, heartbeat message and application message since the last check. */
  private frameTick = NEVER;
  private heartbeatTick = NEVER;
  private applicationTick = NEVER;
  /** Bytes received at the last event or check. */
  private receivedBytes = 0;

  /** Stall-adjusted time of the last frame, message and application message. */
  private frameAt = 0;
  private messageAt = 0;
  private applicationAt = 0;
  /** Stall-adjusted time of the last progress of a message in transit, in either direction. */
  private progressAt = 0;
  /** Stall-adjusted time since which messages are demanded: earlier silence does not count. */
  private demandedAt = 0;

  /** Bytes of an incomplete frame arrived, or may have arrived while reading was paused. */
  private isMidFrame = false;
  /** A long message was received since the last check. More may follow. */
  private hasLongMessage = false;
  /** Since the last check the client sent more than answers to pings. */
  private hasUnsolicited = false;

  /** Whether the rest of a frame is expected. Only a check notices its progress. */
  get isInFrame(): boolean {
    return this.isMidFrame;
  }

  /** Whether a message is in transit, or was so long that another may follow. */
  get isReceiving(): boolean {
    return this.isMidFrame || this.hasLongMessage;
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
  lastLife(isApplicationMode: boolean): number {
    return isApplicationMode
      ? Math.max(this.messageAt, this.demandedAt, this.progressAt)
      : Math.max(this.frameAt, this.progressAt);
  }

  /** All times start with the next tick. Earlier activity does not count. */
  restart({ bytesRead }: ConnectionTransport, time: DetectorTime): void {
    const next = time.now + time.tick;
    this.receivedBytes = bytesRead;
    this.frameAt = next;
    this.messageAt = next;
    this.applicationAt = next;
    this.progressAt = next;
    // The next tick may be late. A check derives the time of that tick from the tick number.
    this.stampTicks(time.clock.ticks);
    this.isMidFrame = false;
    this.hasLongMessage = false;
  }

  /** Moves times that start with the next tick to an earlier next tick. */
  clampTo(next: number): void {
    this.frameAt = Math.min(this.frameAt, next);
    this.messageAt = Math.min(this.messageAt, next);
    this.applicationAt = Math.min(this.applicationAt, next);
    this.progressAt = Math.min(this.progressAt, next);
  }

  /** Resets the idle clocks, because reading is paused. */
  resetIdleClocks(now: number): void {
    this.stampTicks(NEVER);
    this.isMidFrame = true;
    this.hasUnsolicited = true;
    this.frameAt = now;
    this.messageAt = now;
    this.applicationAt = now;
  }

  /** Messages are demanded from now on. */
  demandMessages(now: number): void {
    this.demandedAt = now;
  }

  /** A frame that answers no ping. */
  onFrame(tick: number, bytesRead: number): void {
    this.hasUnsolicited = true;
    this.onPong(tick, bytesRead);
  }

  onPong(tick: number, bytesRead: number): void {
    this.frameTick = tick;
    this.receivedBytes = bytesRead;
  }

  onHeartbeatMessage(tick: number, bytesRead: number): void {
    this.heartbeatTick = tick;
    this.receivedBytes = bytesRead;
  }

  onApplicationMessage(tick: number, bytesRead: number): void {
    this.applicationTick = tick;
    if (bytesRead - this.receivedBytes >= LONG_MESSAGE) this.hasLongMessage = true;
    this.receivedBytes = bytesRead;
  }

  /** The kernel took bytes from a blocked queue. */
  onOutboundProgress(now: number): void {
    this.progressAt = now;
  }

  /** Takes in what was received since the last check. */
  collectInbound({ bytesRead }: ConnectionTransport, clock: StallAwareClock): Received {
    const received = this.collectMessages(clock);
    if (bytesRead === this.receivedBytes) return received;
    this.receivedBytes = bytesRead;
    this.frameAt = clock.reached + 1;
    this.progressAt = this.frameAt;
    this.isMidFrame = true;
    this.hasUnsolicited = true;
    return received === 'nothing' ? 'frame' : received;
  }

  /** Takes in the complete messages and frames that were received since the last check. */
  collectMessages(clock: StallAwareClock): Received {
    const { applicationTick, heartbeatTick, frameTick } = this;
    const lastTick = Math.max(applicationTick, heartbeatTick, frameTick);
    if (lastTick === NEVER) return 'nothing';
    this.frameAt = Math.max(this.frameAt, clock.after(lastTick));
    // During a transfer, the next message is in transit as soon as one was received.
    this.isMidFrame = this.hasLongMessage;
    this.hasLongMessage = false;
    this.stampTicks(NEVER);
    if (applicationTick === NEVER && heartbeatTick === NEVER) return 'frame';
    this.messageAt = clock.after(Math.max(applicationTick, heartbeatTick));
    this.hasUnsolicited = true;
    if (applicationTick === NEVER) return 'heartbeat-message';
    this.applicationAt = clock.after(applicationTick);
    return 'application-message';
  }

  /** Whether the client sent more than answers to pings since the last call. */
  takeUnsolicited(): boolean {
    const { hasUnsolicited } = this;
    this.hasUnsolicited = false;
    return hasUnsolicited;
  }

  /** Stall-adjusted time since the last sign of life, also between checks. */
  silence({ bytesRead }: ConnectionTransport, clock: StallAwareClock): number {
    if (bytesRead !== this.receivedBytes) return 0;
    const lastTick = Math.max(this.frameTick, this.heartbeatTick, this.applicationTick);
    return since(clock, lastTick, Math.max(this.frameAt, this.progressAt));
  }

  /** Stall-adjusted time since the last message, also between checks. */
  applicationSilence(clock: StallAwareClock): number {
    return since(clock, Math.max(this.heartbeatTick, this.applicationTick), this.messageAt);
  }

  /** Stall-adjusted time since the last application message, also between checks. */
  idle(clock: StallAwareClock): number {
    return since(clock, this.applicationTick, this.applicationAt);
  }

  private stampTicks(tick: number): void {
    this.frameTick = tick;
    this.heartbeatTick = tick;
    this.applicationTick = tick;
  }
}

function since(clock: StallAwareClock, tick: number, last: number): number {
  return Math.max(0, clock.now - (tick > NEVER ? Math.max(last, clock.after(tick)) : last));
}
