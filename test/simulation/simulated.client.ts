import type { DetectorPolicy } from '../../src/detector/detector.policy.js';
import { ConnectionRecord } from '../../src/detector/connection.record.js';
import type { RecordedConnection } from '../../src/detector/failure-detector.js';
import { KERNELS, type ClientPlan } from './schedule.js';
import { SimulatedStream } from './simulated.stream.js';

/** What arrives from a client, in the order in which a poll reads what came at the same time. */
export type PreInitConnection = 'frame' | 'reply' | 'message' | 'beat' | 'bytes' | 'close';

/** How a client behaves, in the real time of the server, with margins that hold for all policies. */
export interface Behaviour {
  readonly plan: ClientPlan;
  readonly number: number;
  readonly connectAt: number;
  readonly endAt: number;
  /** The least time that any policy leaves for an answer, and the least that it lets pass between beats. */
  readonly margin: number;
  readonly patience: number;
  readonly interval: number;
  /** What the clock of the process says. */
  readonly clock: { readonly now: number };
}

/** Reads in which a client empties full kernels. */
const READS = 6;

/** A client, its network, and what of it waits in our kernel. */
export class SimulatedClient implements RecordedConnection {
  readonly record: ConnectionRecord;
  bytesRead = 0;
  isReadingPaused = false;
  isOpen = true;
  isClosed = false;
  connectAt: number;
  /** What we send to it. */
  readonly stream: SimulatedStream;
  /** How long a broadcast to it goes on, and how much of it is sent in a tick. */
  broadcast = { until: -Infinity, bytes: 0 };
  /** From when on nothing of it arrives any longer, and until when; and from when on no message does. */
  private silentFrom = Infinity;
  private silentUntil = Infinity;
  private muteFrom = Infinity;

  private readonly frames: number[] = [];
  private readonly replies: number[] = [];
  private messageAt = Infinity;
  private beatAt = Infinity;
  private bytesAt = Infinity;
  private closeAt = Infinity;
  /** It is sending one long message: whatever else it says waits behind that. */
  private isUploading = false;
  private uploadUntil = -Infinity;
  private hasStoppedReading = false;
  private dice: number;

  constructor(
    policy: DetectorPolicy,
    readonly behaviour: Behaviour,
  ) {
    this.record = new ConnectionRecord(this, policy, behaviour.number + 1);
    const { plan, endAt, margin } = behaviour;
    this.connectAt = behaviour.connectAt;
    this.dice = 1 + behaviour.number * 7_919 + plan.loss;
    this.stream = new SimulatedStream({
      // One read more, because the first begins with the first byte.
      every: (margin * plan.reads) / 100 / (READS + 1),
      chunk: KERNELS / READS,
      kernels: KERNELS,
    });
    if (plan.end === 'dies') {
      this.silentFrom = endAt;
      this.stream.stop(endAt);
    }
    if (plan.end === 'freezes') this.muteFrom = endAt;
    if (plan.end === 'leaves') this.closeAt = endAt;
    if (plan.end === 'is cut off for a while') {
      this.silentFrom = endAt;
      this.silentUntil = endAt + margin * (0.2 + (plan.loss / 50) * 2);
    }
  }

  /** The options that hold for the connection. */
  get policy(): DetectorPolicy {
    return this.record.policy;
  }

  get bytesWritten(): number {
    return this.stream.written;
  }

  get bytesFlushed(): number {
    return this.stream.taken;
  }

  get bufferedBytes(): number {
    return this.stream.waiting;
  }

  get isFlushed(): boolean {
    return this.bufferedBytes === 0;
  }

  /** It answers every ping within the margin, for all of its life. */
  get isHealthy(): boolean {
    const { answers, speech } = this.behaviour.plan;
    // A frozen one that is asked by message first does not answer that: only the frame that follows.
    if (speech === 'companion' && this.muteFrom < Infinity) return false;
    return this.silentFrom === Infinity && answers <= 100 && !this.hasStoppedReading;
  }

  /** Its application speaks as often as is demanded, too. */
  get isTalkative(): boolean {
    return this.isHealthy && this.muteFrom === Infinity && this.behaviour.plan.speech !== 'plain';
  }

  /** It connects: from now on it talks. */
  start(now: number): void {
    const { plan } = this.behaviour;
    if (plan.speech === 'companion') this.record.pings.enableMessagePings();
    if (plan.speech === 'bare') this.beatAt = this.arrival(now, this.beatEvery, this.muteFrom);
    if (plan.talks > 0) this.messageAt = this.arrival(now, this.talkEvery, this.muteFrom);
  }

  /** Nothing of it arrives any longer. */
  die(now: number): void {
    this.silentFrom = Math.min(this.silentFrom, now);
    this.silentUntil = Infinity;
    this.stream.stop(now);
    for (const queue of [this.frames, this.replies]) queue.length = 0;
    this.messageAt = this.beatAt = this.bytesAt = this.closeAt = Infinity;
  }

  /** It sends one long message, which takes so long to arrive. */
  upload(now: number, duration: number): void {
    if (now >= this.silentFrom || now >= this.muteFrom) return;
    this.isUploading = true;
    this.uploadUntil = now + duration;
    // It begins with bytes, not with a silence in which answers wait behind nothing.
    this.bytesAt = now;
  }

  /** It stops reading, but not sending. */
  stopReading(now: number): void {
    this.hasStoppedReading = true;
    this.stream.stop(now);
  }

  pinged(now: number): void {
    this.stream.send(10, now);
    this.queue(this.frames, this.answer(now, Infinity));
  }

  asked(now: number): void {
    this.stream.send(60, now);
    if (this.behaviour.plan.speech !== 'companion') return;
    this.queue(this.replies, this.answer(now, this.muteFrom));
  }

  /** A close frame was sent to it. */
  answerClose(now: number): void {
    this.isOpen = false;
    this.stream.send(10, now);
    this.closeAt = Math.min(this.closeAt, this.answer(now, Infinity));
  }

  /** It sends a close frame, which is answered, and leaves the connection as it is. */
  closeHalf(): void {
    this.isOpen = false;
    this.closeAt = Infinity;
  }

  /** The connection is closed, and nothing of it arrives any more: its end is not heard. */
  end(): void {
    this.isOpen = false;
    this.isClosed = true;
    this.die(this.behaviour.clock.now);
  }

  /** When something arrives next. */
  get nextArrival(): number {
    if (this.isUploading) return this.bytesAt;
    return Math.min(
      this.frames[0] ?? Infinity,
      this.replies[0] ?? Infinity,
      this.messageAt,
      this.beatAt,
      this.closeAt,
    );
  }

  /** Takes the next thing that arrived until `now` out of the kernel. */
  read(now: number): PreInitConnection | undefined {
    const { plan } = this.behaviour;
    if (this.isUploading) {
      if (this.bytesAt > now) return undefined;
      this.bytesRead += 1_000;
      if (now < this.uploadUntil) {
        this.bytesAt = this.arrival(now, this.uploadStep, Infinity);
        return 'bytes';
      }
      this.isUploading = false;
      this.bytesAt = Infinity;
      return 'message';
    }
    if ((this.frames[0] ?? Infinity) <= now) {
      this.frames.shift();
      this.bytesRead += 10;
      return 'frame';
    }
    if ((this.replies[0] ?? Infinity) <= now) {
      this.replies.shift();
      this.bytesRead += 50;
      return 'reply';
    }
    if (this.beatAt <= now) {
      this.beatAt = this.arrival(this.beatAt, this.beatEvery, this.muteFrom);
      this.bytesRead += 24;
      return 'beat';
    }
    if (this.messageAt <= now) {
      this.messageAt = this.arrival(this.messageAt, this.talkEvery, this.muteFrom);
      this.bytesRead += 10 + plan.loss;
      return 'message';
    }
    if (this.closeAt <= now) {
      this.closeAt = Infinity;
      return 'close';
    }
    return undefined;
  }

  /** The world went on for so long while our clock stood still. */
  shift(duration: number, now: number): void {
    const earlier = (at: number) => (at > now ? Math.max(now, at - duration) : at);
    for (const queue of [this.frames, this.replies])
      queue.forEach((at, i) => (queue[i] = earlier(at)));
    this.messageAt = earlier(this.messageAt);
    this.beatAt = earlier(this.beatAt);
    this.bytesAt = earlier(this.bytesAt);
    this.closeAt = earlier(this.closeAt);
    this.silentFrom = earlier(this.silentFrom);
    this.silentUntil = earlier(this.silentUntil);
    this.muteFrom = earlier(this.muteFrom);
    this.uploadUntil = earlier(this.uploadUntil);
    this.connectAt = earlier(this.connectAt);
    this.stream.shift(duration);
  }

  private get beatEvery(): number {
    return this.behaviour.patience * (0.3 + (this.behaviour.plan.answers / 100) * 0.6);
  }

  private get talkEvery(): number {
    return (this.behaviour.interval * this.behaviour.plan.talks) / 100;
  }

  /** Bytes of a slow upload come often enough to be seen within any margin. */
  private get uploadStep(): number {
    return this.behaviour.margin / 3;
  }

  /** How long an answer takes: a lost one as long as any ever does. */
  private answerTime(): number {
    const { plan, margin } = this.behaviour;
    this.dice = (this.dice * 48_271) % 2_147_483_647;
    const share = this.dice % 100 < plan.loss ? 1 : (this.dice % 1_000) / 1_000;
    return (share * margin * plan.answers * (100 - plan.reads)) / 10_000;
  }

  /** When the answer to what was sent last arrives, if at all. */
  private answer(now: number, until: number): number {
    return this.arrival(this.stream.readBy(now), this.answerTime(), until);
  }

  /** When something that is sent after a moment arrives, if at all. */
  private arrival(from: number, after: number, until: number): number {
    const at = from + after;
    if (at >= until) return Infinity;
    if (at >= this.silentFrom && at < this.silentUntil) return this.silentUntil;
    return at;
  }

  /** TCP keeps the order: what comes later waits for what is late. */
  private queue(queue: number[], at: number): void {
    if (at < Infinity) queue.push(Math.max(at, queue.at(-1) ?? 0));
  }
}
