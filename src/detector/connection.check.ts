import type { Closing } from './closing.js';
import type { ConnectionRecord } from './connection.record.js';
import type { DetectorTime } from './detector.time.js';
import type { Traffic } from './ping.schedule.js';
import { dueEviction, isApplicationOnly, type DetectedEviction } from './eviction-rules.js';

/** The actions that a check demands of its caller, in this order. One check can demand several. */
export interface CheckResult {
  /** Recent traffic in both directions made the ping of this interval unnecessary. */
  readonly isPingSuppressed: boolean;
  /** The connection changed its state. */
  readonly transition: 'suspect' | 'recovered' | undefined;
  /** Why the connection has to be closed. */
  readonly eviction: DetectedEviction | undefined;
  /** Send a ping by message. */
  readonly messagePing: boolean;
  /** Send a ping frame. */
  readonly ping: boolean;
  /** Terminate the connection: its closing handshake took too long. */
  readonly terminate: boolean;
  /** Forget the connection: it is closed without a `'close'` event, or cannot be terminated. */
  readonly release: boolean;
}

/** Makes the decisions of one check. Every check uses the same object, because checks must not allocate. */
export class ConnectionCheck implements CheckResult {
  isPingSuppressed = false;
  transition: 'suspect' | 'recovered' | undefined;
  eviction: DetectedEviction | undefined;
  messagePing = false;
  ping = false;
  terminate = false;
  release = false;

  constructor(private readonly time: DetectorTime) {}

  /** Whether the check demands no action. */
  get isEmpty(): boolean {
    return !(
      this.ping ||
      this.messagePing ||
      this.isPingSuppressed ||
      this.transition !== undefined ||
      this.eviction !== undefined ||
      this.terminate ||
      this.release
    );
  }

  clear(): void {
    this.isPingSuppressed = false;
    this.transition = undefined;
    this.eviction = undefined;
    this.messagePing = false;
    this.ping = false;
    this.terminate = false;
    this.release = false;
  }

  decideState({ state, lastLife, policy }: ConnectionRecord): void {
    const isSilent = this.time.now - lastLife >= policy.suspectAfter;
    if (state === 'suspect' && !isSilent) this.transition = 'recovered';
    if (state === 'alive' && isSilent) this.transition = 'suspect';
  }

  decideEviction(record: ConnectionRecord): void {
    const cause = dueEviction(record, this.time);
    if (cause === undefined) return;
    if (record.policy.dryRun) record.report(cause);
    const isApplication = cause === 'unresponsive' && isApplicationOnly(record, this.time);
    this.eviction = isApplication ? 'application-unresponsive' : cause;
  }

  /** `traffic`: since the last check. */
  decidePings(record: ConnectionRecord, traffic: Traffic): void {
    // Only clients that answer message pings can be pinged by message.
    const last = record.answersMessages ? record.lastLife : record.lastFrameAt;
    const decision = record.decidePing(this.time, last, traffic);
    this.isPingSuppressed = decision === 'suppressed';
    this.messagePing = decision === 'message-ping';
    const isFollowUpDue = record.takeFollowUp(this.time.now);
    this.ping = decision === 'ping' || isFollowUpDue;
  }

  decideClosing(record: ConnectionRecord, closing: Closing): void {
    const step = closing.check(record, this.time, record.policy.closeTimeout);
    this.terminate = step === 'terminate' || step === 'terminate-and-release';
    this.release = step === 'release' || step === 'terminate-and-release';
  }
}
