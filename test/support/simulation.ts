import { DetectorPolicy, type DetectorOptions } from '../../src/detector/detector.policy.js';
import { FailureDetector } from '../../src/detector/failure-detector.js';
import { MeasuredConnection } from '../../src/transport/measured.connection.js';
import { decisionsOf, includesAny, isEviction, type Decision } from './decisions.js';

/** A policy with the defaults of the module and the given options. */
export function policy(options: Partial<DetectorOptions> = {}): DetectorPolicy {
  return new DetectorPolicy({
    interval: 25_000,
    timeout: 45_000,
    idleTimeout: false,
    maxLifetime: false,
    admissionTimeout: false,
    closeTimeout: 5_000,
    dryRun: false,
    liveness: 'transport',
    limits: false,
    ...options,
  });
}

/** A connection without a socket. The test sets its counters. */
export class SimulatedPeer extends MeasuredConnection {
  bytesRead = 0;
  bytesWritten = 0;
  bufferedBytes = 0;
  /** Bytes that are being compressed, and have not reached the socket yet. */
  uncompressedBytes = 0;
  isReadingPaused = false;
  isOpen = true;
  isClosed = false;
  /** Called when a ping frame or a message ping is sent to it. */
  onPing: () => void = () => {};

  get bytesFlushed(): number {
    return this.bytesWritten - this.bufferedBytes;
  }

  get isFlushed(): boolean {
    return this.bufferedBytes === 0 && this.uncompressedBytes === 0;
  }
}

/** A check that made decisions. */
export interface RecordedCheck {
  readonly at: number;
  readonly peer: SimulatedPeer;
  readonly decisions: readonly Decision[];
}

/**
 * A process in simulated time. `runUntil()` runs a tick every `tick` ms, each `late` ms late, and checks the connections
 * that are due. `tick()` with a long gap simulates a stall.
 */
export class Simulation {
  now: number;
  readonly detector: FailureDetector<SimulatedPeer>;
  readonly recordedChecks: RecordedCheck[] = [];
  /** Called in each turn of the loop between the tick and the checks, where the process receives data. */
  poll: (now: number) => void = () => {};
  /** Milliseconds after which a ping frame is answered. */
  answerAfter = Infinity;
  /** Milliseconds after which a message ping is answered. */
  replyAfter = Infinity;
  late = 0;
  private readonly answers: { at: number; peer: SimulatedPeer }[] = [];
  private readonly replies: { at: number; peer: SimulatedPeer }[] = [];
  private sequence = 0;

  constructor(
    readonly policy: DetectorPolicy,
    start = 1_000,
  ) {
    this.now = start;
    this.detector = new FailureDetector(start, policy.tick);
  }

  connect(own: DetectorPolicy = this.policy): SimulatedPeer {
    const peer = new SimulatedPeer(own, ++this.sequence);
    this.detector.add(peer, this.now);
    return peer;
  }

  /** Connects `count` peers and returns the last one. The count determines its phase. */
  connectLast(count: number, own: DetectorPolicy = this.policy): SimulatedPeer {
    let last = this.connect(own);
    for (let more = 1; more < count; more++) last = this.connect(own);
    return last;
  }

  /** An application message arrives. */
  message(peer: SimulatedPeer, bytes = 10): void {
    peer.bytesRead += bytes;
    this.detector.onApplicationMessage(peer);
  }

  /** A heartbeat message arrives. */
  beat(peer: SimulatedPeer): void {
    peer.bytesRead += 30;
    this.detector.onHeartbeatMessage(peer);
  }

  /** A pong arrives. */
  pong(peer: SimulatedPeer): void {
    peer.bytesRead += 10;
    this.detector.onPong(peer);
  }

  runUntil(end: number): void {
    while (this.now < end) this.tick(this.detector.tick + this.late);
  }

  /** Runs one tick, `after` ms after the previous one. */
  tick(after: number): number {
    this.now += after;
    const stall = this.detector.advance(this.now);
    for (let next = this.answers[0]; next && next.at <= this.now; next = this.answers[0]) {
      this.answers.shift();
      this.pong(next.peer);
    }
    for (let next = this.replies[0]; next && next.at <= this.now; next = this.replies[0]) {
      this.replies.shift();
      this.beat(next.peer);
    }
    this.poll(this.now);
    for (let peer = this.detector.nextDue(); peer; peer = this.detector.nextDue()) this.check(peer);
    return stall;
  }

  /** When checks of a peer made decisions of the given kinds. */
  times(peer: SimulatedPeer, ...kinds: readonly Decision[]): number[] {
    return this.recordedChecks
      .filter((check) => check.peer === peer && includesAny(check.decisions, kinds))
      .map(({ at }) => at);
  }

  /** The number of checks that made a decision of the given kinds. */
  count(...kinds: readonly Decision[]): number {
    return this.recordedChecks.filter(({ decisions }) => includesAny(decisions, kinds)).length;
  }

  /** The server sends bytes. They are flushed at once unless earlier bytes wait. */
  private send(peer: SimulatedPeer, bytes: number): void {
    peer.bytesWritten += bytes;
    if (peer.bufferedBytes > 0) peer.bufferedBytes += bytes;
    peer.onPing();
  }

  private check(peer: SimulatedPeer): void {
    const decisions = decisionsOf(this.detector.check(peer));
    if (decisions.length === 0) return;
    this.recordedChecks.push({ at: this.now, peer, decisions });
    const isOver = isEviction(decisions) && !peer.policy.dryRun;
    if (isOver || decisions.includes('release')) this.detector.remove(peer);
    if (decisions.includes('message-ping')) {
      this.send(peer, 60);
      this.detector.onMessagePingSent(peer);
      if (this.replyAfter < Infinity) this.replies.push({ at: this.now + this.replyAfter, peer });
    }
    if (decisions.includes('ping')) {
      this.send(peer, 10);
      this.detector.onPingSent(peer);
      if (this.answerAfter < Infinity) {
        this.answers.push({ at: this.now + this.answerAfter, peer });
      }
    }
  }
}
