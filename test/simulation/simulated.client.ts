import type { DetectorPolicy } from '../../src/detector/detector.policy.js';
import { ConnectionRecord } from '../../src/detector/connection.record.js';
import { KERNEL_BUFFERS, type ClientPlan } from './schedule.js';
import { SimulatedStream } from './simulated.stream.js';

/** What the server receives from a client. A poll reads simultaneous events in this order. */
export type InboundEvent = 'pong' | 'reply' | 'message' | 'heartbeat' | 'bytes' | 'close';

/** The plan of a client in the real time of the server, with times that suit all policies. */
export interface Behaviour {
  readonly plan: ClientPlan;
  readonly number: number;
  readonly connectAt: number;
  readonly endAt: number;
  /** The shortest `timeout` - `interval` and the shortest `timeout` of all policies. */
  readonly margin: number;
  readonly timeout: number;
  readonly interval: number;
  /** The clock of the process. */
  readonly clock: { readonly now: number };
}

/** Number of reads in which a client empties full kernel buffers. */
const READS = 6;

/** A client, its network, and its bytes that wait in the kernel of the server. */
export class SimulatedClient extends ConnectionRecord {
  bytesRead = 0;
  isReadingPaused = false;
  isOpen = true;
  isClosed = false;
  connectAt: number;
  /** The bytes that the server sends to it. */
  readonly stream: SimulatedStream;
  /** The end of the broadcast to it, and the bytes that each tick sends. */
  broadcast = { until: -Infinity, bytes: 0 };
  /** Between the first two nothing arrives from the client; after the third no message does. */
  private silentFrom = Infinity;
  private silentUntil = Infinity;
  private applicationStopsAt = Infinity;

  private readonly frames: number[] = [];
  private readonly replies: number[] = [];
  private messageAt = Infinity;
  private heartbeatAt = Infinity;
  private bytesAt = Infinity;
  private closeAt = Infinity;
  /** The client is sending one long message. Everything else that it sends waits behind it. */
  private isUploading = false;
  private uploadUntil = -Infinity;
  private hasStoppedReading = false;
  private dice: number;

  constructor(
    policy: DetectorPolicy,
    readonly behaviour: Behaviour,
  ) {
    super(policy, behaviour.number + 1);
    const { plan, endAt, margin } = behaviour;
    this.connectAt = behaviour.connectAt;
    this.dice = 1 + behaviour.number * 7_919 + plan.loss;
    this.stream = new SimulatedStream({
      // One more, because the time to the first read starts with the first byte.
      every: (margin * plan.readTime) / 100 / (READS + 1),
      chunk: KERNEL_BUFFERS / READS,
      kernelBuffers: KERNEL_BUFFERS,
    });
    if (plan.end === 'dies') {
      this.silentFrom = endAt;
      this.stream.stop(endAt);
    }
    if (plan.end === 'freezes') this.applicationStopsAt = endAt;
    if (plan.end === 'closes') this.closeAt = endAt;
    if (plan.end === 'is cut off for a while') {
      this.silentFrom = endAt;
      this.silentUntil = endAt + margin * (0.2 + (plan.loss / 50) * 2);
    }
  }

  get bytesWritten(): number {
    return this.stream.written;
  }

  get bytesFlushed(): number {
    return this.stream.flushed;
  }

  get bufferedBytes(): number {
    return this.stream.waiting;
  }

  get isFlushed(): boolean {
    return this.bufferedBytes === 0;
  }

  /** The client answers every ping within the margin, until the end of the run. */
  get isHealthy(): boolean {
    const { answerTime, protocol } = this.behaviour.plan;
    // A frozen client does not answer the message ping that comes first, only the ping frame that follows.
    if (protocol === 'withHeartbeat()' && this.applicationStopsAt < Infinity) return false;
    return this.silentFrom === Infinity && answerTime <= 100 && !this.hasStoppedReading;
  }

  /** The application of the client also sends messages as often as application mode demands. */
  get isApplicationHealthy(): boolean {
    return (
      this.isHealthy &&
      this.applicationStopsAt === Infinity &&
      this.behaviour.plan.protocol !== 'pong only'
    );
  }

  /** The client connects, and begins to send. */
  begin(now: number): void {
    const { plan } = this.behaviour;
    if (plan.protocol === 'withHeartbeat()') this.enableMessagePings();
    if (plan.protocol === 'own heartbeats')
      this.heartbeatAt = this.arrivalOf(now, this.heartbeatInterval, this.applicationStopsAt);
    if (plan.messageInterval > 0)
      this.messageAt = this.arrivalOf(now, this.messageInterval, this.applicationStopsAt);
  }

  /** Nothing arrives from the client any longer. */
  die(now: number): void {
    this.silentFrom = Math.min(this.silentFrom, now);
    this.silentUntil = Infinity;
    this.stream.stop(now);
    for (const queue of [this.frames, this.replies]) queue.length = 0;
    this.messageAt = this.heartbeatAt = this.bytesAt = this.closeAt = Infinity;
  }

  /** The client sends one long message, which arrives in `duration` ms. */
  upload(now: number, duration: number): void {
    if (now >= this.silentFrom || now >= this.applicationStopsAt) return;
    this.isUploading = true;
    this.uploadUntil = now + duration;
    // The first bytes arrive at once, so that answers never wait behind a message that has not begun.
    this.bytesAt = now;
  }

  /** The client stops reading, but continues to send. */
  stopReading(now: number): void {
    this.hasStoppedReading = true;
    this.stream.stop(now);
  }

  pinged(now: number): void {
    this.stream.send(10, now);
    this.enqueue(this.frames, this.answerArrival(now, Infinity));
  }

  messagePinged(now: number): void {
    this.stream.send(60, now);
    if (this.behaviour.plan.protocol !== 'withHeartbeat()') return;
    this.enqueue(this.replies, this.answerArrival(now, this.applicationStopsAt));
  }

  /** The client receives a close frame, and answers it. */
  answerClose(now: number): void {
    this.isOpen = false;
    this.stream.send(10, now);
    this.closeAt = Math.min(this.closeAt, this.answerArrival(now, Infinity));
  }

  /** The client sends a close frame, but does not end the TCP connection. */
  closeHalf(): void {
    this.isOpen = false;
    this.closeAt = Infinity;
  }

  /** The connection is closed without a `'close'` event. */
  end(): void {
    this.isOpen = false;
    this.isClosed = true;
    this.die(this.behaviour.clock.now);
  }

  /** When the next event arrives. */
  get nextArrival(): number {
    if (this.isUploading) return this.bytesAt;
    return Math.min(
      this.frames[0] ?? Infinity,
      this.replies[0] ?? Infinity,
      this.messageAt,
      this.heartbeatAt,
      this.closeAt,
    );
  }

  /** Reads the next event that arrived until `now`. */
  read(now: number): InboundEvent | undefined {
    const { plan } = this.behaviour;
    if (this.isUploading) {
      if (this.bytesAt > now) return undefined;
      this.bytesRead += 1_000;
      if (now < this.uploadUntil) {
        this.bytesAt = this.arrivalOf(now, this.uploadStep, Infinity);
        return 'bytes';
      }
      this.isUploading = false;
      this.bytesAt = Infinity;
      return 'message';
    }
    if ((this.frames[0] ?? Infinity) <= now) {
      this.frames.shift();
      this.bytesRead += 10;
      return 'pong';
    }
    if ((this.replies[0] ?? Infinity) <= now) {
      this.replies.shift();
      this.bytesRead += 50;
      return 'reply';
    }
    if (this.heartbeatAt <= now) {
      this.heartbeatAt = this.arrivalOf(
        this.heartbeatAt,
        this.heartbeatInterval,
        this.applicationStopsAt,
      );
      this.bytesRead += 24;
      return 'heartbeat';
    }
    if (this.messageAt <= now) {
      this.messageAt = this.arrivalOf(
        this.messageAt,
        this.messageInterval,
        this.applicationStopsAt,
      );
      this.bytesRead += 10 + plan.loss;
      return 'message';
    }
    if (this.closeAt <= now) {
      this.closeAt = Infinity;
      return 'close';
    }
    return undefined;
  }

  /** The clock of the server stood still for `duration` while the clients went on. */
  shift(duration: number, now: number): void {
    const earlier = (at: number) => (at > now ? Math.max(now, at - duration) : at);
    for (const queue of [this.frames, this.replies])
      queue.forEach((at, i) => (queue[i] = earlier(at)));
    this.messageAt = earlier(this.messageAt);
    this.heartbeatAt = earlier(this.heartbeatAt);
    this.bytesAt = earlier(this.bytesAt);
    this.closeAt = earlier(this.closeAt);
    this.silentFrom = earlier(this.silentFrom);
    this.silentUntil = earlier(this.silentUntil);
    this.applicationStopsAt = earlier(this.applicationStopsAt);
    this.uploadUntil = earlier(this.uploadUntil);
    this.connectAt = earlier(this.connectAt);
    this.stream.shift(duration);
  }

  private get heartbeatInterval(): number {
    return this.behaviour.timeout * (0.3 + (this.behaviour.plan.answerTime / 100) * 0.6);
  }

  private get messageInterval(): number {
    return (this.behaviour.interval * this.behaviour.plan.messageInterval) / 100;
  }

  /** Bytes of a slow upload arrive several times within any margin. */
  private get uploadStep(): number {
    return this.behaviour.margin / 3;
  }

  /** The time to answer. A lost answer takes the longest time. */
  private answerTime(): number {
    const { plan, margin } = this.behaviour;
    this.dice = (this.dice * 48_271) % 2_147_483_647;
    const share = this.dice % 100 < plan.loss ? 1 : (this.dice % 1_000) / 1_000;
    return (share * margin * plan.answerTime * (100 - plan.readTime)) / 10_000;
  }

  /** When the answer to the last sent bytes arrives; Infinity: never. */
  private answerArrival(now: number, until: number): number {
    return this.arrivalOf(this.stream.readBy(now), this.answerTime(), until);
  }

  /** When an event that is due `after` ms later arrives; Infinity: never. */
  private arrivalOf(from: number, after: number, until: number): number {
    const at = from + after;
    if (at >= until) return Infinity;
    if (at >= this.silentFrom && at < this.silentUntil) return this.silentUntil;
    return at;
  }

  /** TCP keeps the order: a later event waits for a delayed one. */
  private enqueue(queue: number[], at: number): void {
    if (at < Infinity) queue.push(Math.max(at, queue.at(-1) ?? 0));
  }
}
