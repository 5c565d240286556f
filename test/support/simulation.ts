import { ConnectionRecord } from '../../src/detector/connection.record.js';
import { Decision, EVICTIONS } from '../../src/detector/decision.js';
import { FailureDetector } from '../../src/detector/failure-detector.js';
import { DetectorPolicy, type PolicyTimes } from '../../src/detector/detector.policy.js';

/** A policy with the module's defaults, unless something else is said. */
export function policy(times: Partial<PolicyTimes> = {}): DetectorPolicy {
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
    ...times,
  });
}

/** A peer without a socket: its counters move as the test says. */
export class SimulatedPeer extends ConnectionRecord {
  override bytesRead = 0;
  override bytesWritten = 0;
  override bufferedBytes = 0;
  /** Bytes that were sent, but have not come to the socket yet: they are being compressed. */
  uncompressedBytes = 0;
  override isReadingPaused = false;
  override isOpen = true;
  override isClosed = false;
  /** Called when a ping, by frame or by message, is sent to it. */
  onPing: () => void = () => {};

  override get bytesFlushed(): number {
    return this.bytesWritten - this.bufferedBytes;
  }

  override get isFlushed(): boolean {
    return this.bufferedBytes === 0 && this.uncompressedBytes === 0;
  }
}

/** What was decided, about whom, and when. */
export interface Spoken {
  readonly at: number;
  readonly peer: SimulatedPeer;
  readonly decision: number;
}

/**
 * A process that ticks in simulated time. `runUntil()` fires a tick every `tick` ms, each `late` ms late,
 * and looks at whoever is due; `stall()` lets real time pass without a tick.
 */
export class Simulation {
  now: number;
  readonly detector: FailureDetector<SimulatedPeer>;
  readonly spoken: Spoken[] = [];
  /** Called in every turn of the loop, between the tick and the looks: where peers are heard. */
  poll: (now: number) => void = () => {};
  /** Ms after which a ping is answered. */
  answerAfter = Infinity;
  /** Ms after which a ping by message is answered. */
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

  /** Connects so many peers, which gives the last one a phase of its own, and returns that one. */
  connectLast(count: number, own: DetectorPolicy = this.policy): SimulatedPeer {
    let last = this.connect(own);
    for (let more = 1; more < count; more++) last = this.connect(own);
    return last;
  }

  /** A message of the application arrives. */
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

  /** One tick that comes `after` ms after the one before. */
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
    for (let peer = this.detector.nextDue(); peer; peer = this.detector.nextDue()) this.look(peer);
    return stall;
  }

  /** What was decided about a peer, and when, for one kind of decision. */
  times(peer: SimulatedPeer, kind: number): number[] {
    return this.spoken
      .filter((spoken) => spoken.peer === peer && spoken.decision & kind)
      .map(({ at }) => at);
  }

  /** How often one kind of decision was spoken. */
  count(kind: number): number {
    return this.spoken.filter(({ decision }) => decision & kind).length;
  }

  /** We send something: it leaves at once, or waits behind what waits. */
  private send(peer: SimulatedPeer, bytes: number): void {
    peer.bytesWritten += bytes;
    if (peer.bufferedBytes > 0) peer.bufferedBytes += bytes;
    peer.onPing();
  }

  private look(peer: SimulatedPeer): void {
    const decision = this.detector.check(peer);
    if (decision === Decision.None) return;
    this.spoken.push({ at: this.now, peer, decision });
    const isOver = decision & EVICTIONS && !peer.policy.dryRun;
    if (isOver || decision & Decision.Release) this.detector.remove(peer);
    if (decision & Decision.MessagePing) {
      this.send(peer, 60);
      this.detector.onMessagePingSent(peer);
      if (this.replyAfter < Infinity) this.replies.push({ at: this.now + this.replyAfter, peer });
    }
    if (decision & Decision.Ping) {
      this.send(peer, 10);
      this.detector.onPingSent(peer);
      if (this.answerAfter < Infinity) {
        this.answers.push({ at: this.now + this.answerAfter, peer });
      }
    }
  }
}
