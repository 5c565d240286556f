import { includesAny, isEviction, type Decision } from '../support/decisions.js';
import type { ProcessModel } from './process.model.js';
import type { InboundEvent, SimulatedClient } from './simulated.client.js';

/** A violated guarantee. */
export class Violation extends Error {}

/**
 * What really happened to a connection. Times are on the monotonic clock of the process, or stall-adjusted where the
 * name or the comment states it.
 */
interface GroundTruth {
  /** When the last byte, heartbeat or application message, and application message arrived. */
  life: number;
  message: number;
  activity: number;
  /** Last progress of a message in transit: when it happened, and in stall-adjusted time when it was found. */
  progress: number;
  adjustedProgress: number;
  /** Flushed bytes at the last check if bytes waited then; -1: none waited. */
  flushedWhenBlocked: number;
  /** Stall-adjusted time since which bytes wait and none is flushed; -1: some are flushed, or none wait. */
  blockedSince: number;
  /** Flushed and waiting bytes at the last check, and flushed bytes at the last update. */
  flushedAtCheck: number;
  waitingAtCheck: number;
  lastFlushed: number;
  /** Stall-adjusted time since which more than `stalled` bytes wait; -1: no more wait. */
  stalledSince: number;
  /**
   * The fewest bytes that waited since more than `max` wait, and the stall-adjusted time since which the queue is
   * another `max` longer; -1: it is not.
   */
  leastOverMax: number;
  doubledSince: number;
  /** When the connection began to close, also in stall-adjusted time, and when a check had to find it. */
  closingAt: number;
  adjustedClosing: number;
  closingFound: number;
  /** Stall-adjusted time at which it was closed without an event; -1: it was not. */
  closedSilently: number;
  terminatedAt: number;
  adjustedLife: number;
  adjustedMessage: number;
  adjustedActivity: number;
  /** Stall-adjusted time at which the server last reset its clocks or changed its policy. */
  resetAt: number;
  /** Stall-adjusted time of the last frame that was sent to the client. */
  sent: number;
  /** Stall-adjusted time of the first bytes of an incomplete frame; -1: there is none. */
  frameBegan: number;
  connected: number;
  suspectedAt: number;
  /** Number of successive ticks at which an action was overdue in real time. */
  overdue: number;
  evictions: number;
  disconnections: number;
}

/** Ticks within which an action that is due in real time has to happen: to notice it, to check, and for slices. */
const TICKS_TO_ACT = 3;
/** Milliseconds after which a termination without effect is repeated, and then the connection is released. */
const TERMINATE_AGAIN = 1_000;

/**
 * The test oracle. It records what really happened to each connection, measures stall-adjusted time independently of
 * the detector, and compares every decision with both.
 */
export class Oracle {
  /** Stall-adjusted time. */
  adjustedNow = 0;
  private longestStep = 0;
  private real: number;
  private readonly truths = new Map<SimulatedClient, GroundTruth>();

  constructor(private readonly process: ProcessModel) {
    this.real = Math.floor(process.now);
  }

  /** A tick. A gap that is much longer than `period` (ms) is a stall, of which only one period counts. */
  tick(period: number): void {
    const now = Math.floor(this.process.now);
    const gap = now - this.real;
    const isStall = gap > period * 1.25 + 50;
    const step = isStall ? period : gap;
    this.adjustedNow += step;
    this.longestStep = Math.max(this.longestStep, step, period);
    this.real = now;
    if (isStall) this.process.count('stalls');
  }

  /** The timer was restarted. The time since the last tick does not count. */
  skip(): void {
    this.real = Math.floor(this.process.now);
  }

  connected(client: SimulatedClient): void {
    const { now } = this.process;
    this.truths.set(client, {
      life: now,
      message: now,
      activity: now,
      progress: now,
      adjustedProgress: this.adjustedNow,
      flushedWhenBlocked: -1,
      blockedSince: -1,
      flushedAtCheck: 0,
      waitingAtCheck: 0,
      lastFlushed: 0,
      stalledSince: -1,
      leastOverMax: Infinity,
      doubledSince: -1,
      closingAt: -1,
      adjustedClosing: -1,
      closingFound: -1,
      closedSilently: -1,
      terminatedAt: -1,
      adjustedLife: this.adjustedNow,
      adjustedMessage: this.adjustedNow,
      adjustedActivity: this.adjustedNow,
      resetAt: this.adjustedNow,
      sent: this.adjustedNow,
      frameBegan: -1,
      connected: now,
      suspectedAt: -1,
      overdue: 0,
      evictions: 0,
      disconnections: 0,
    });
  }

  received(client: SimulatedClient, event: InboundEvent): void {
    const truth = this.truthOf(client);
    const { now } = this.process;
    truth.life = now;
    truth.adjustedLife = this.adjustedNow;
    if (event === 'bytes') {
      truth.adjustedLife += this.discoveryDelay(client, truth);
      truth.progress = now;
      truth.adjustedProgress = Math.max(truth.adjustedProgress, truth.adjustedLife);
    } else truth.frameBegan = -1;
    if (event === 'pong' || event === 'bytes') return;
    truth.message = now;
    truth.adjustedMessage = this.adjustedNow;
    if (event !== 'message') return;
    truth.activity = now;
    truth.adjustedActivity = this.adjustedNow;
  }

  sent(client: SimulatedClient): void {
    const truth = this.truthOf(client);
    truth.sent = this.adjustedNow;
    this.updateBacklog(client, truth);
  }

  /** Before a check, which finds what was flushed from a queue that was blocked at an earlier check. */
  beforeCheck(client: SimulatedClient): void {
    const truth = this.truthOf(client);
    const { stream } = client;
    this.updateBacklog(client, truth);
    // Bytes that were flushed since the last check may have been flushed before more was sent.
    const fewest = truth.waitingAtCheck - (stream.flushed - truth.flushedAtCheck);
    if (fewest <= client.policy.maxBacklog) {
      truth.leastOverMax = Infinity;
      truth.doubledSince = -1;
    }
    truth.waitingAtCheck = stream.waiting;
    // A single burst is allowed. Only growth after the check that found it counts.
    if (stream.waiting > client.policy.maxBacklog) {
      truth.leastOverMax = Math.min(truth.leastOverMax, stream.waiting);
    }
    if (truth.flushedWhenBlocked >= 0 && stream.flushed !== truth.flushedWhenBlocked) {
      this.process.count('progress');
      truth.progress = Math.max(truth.progress, stream.flushedAt);
      truth.adjustedProgress = this.adjustedNow;
    }
    truth.flushedWhenBlocked = stream.waiting > 0 ? stream.flushed : -1;
    // A check of a closing connection also finds what was flushed since the previous check.
    if (truth.closingFound >= 0 && stream.flushed !== truth.flushedAtCheck) {
      truth.closingFound = this.process.now;
    }
    truth.flushedAtCheck = stream.flushed;
  }

  /** An open connection is closed without a `'close'` event. */
  closedSilently(client: SimulatedClient): void {
    this.closing(client);
    this.truthOf(client).closedSilently = this.adjustedNow;
  }

  /** The connection begins to close. */
  closing(client: SimulatedClient): void {
    const truth = this.truthOf(client);
    if (truth.closingAt >= 0) return;
    truth.closingAt = this.process.now;
    truth.adjustedClosing = this.adjustedNow;
  }

  /** The server resets the clocks of a connection, or changes its policy. */
  clocksReset(client: SimulatedClient): void {
    const truth = this.truthOf(client);
    truth.resetAt = this.adjustedNow;
    truth.frameBegan = -1;
  }

  /** `resume()` resets all clocks of a connection, also those in real time. */
  resumed(client: SimulatedClient): void {
    const truth = this.truthOf(client);
    truth.life = truth.message = truth.activity = truth.progress = this.process.now;
    truth.flushedWhenBlocked = -1;
    // Growth is measured from the bytes that wait now.
    truth.leastOverMax =
      client.stream.waiting > client.policy.maxBacklog ? client.stream.waiting : Infinity;
    truth.doubledSince = -1;
    truth.sent = this.adjustedNow;
    this.clocksReset(client);
  }

  terminated(client: SimulatedClient): void {
    this.truthOf(client).terminatedAt = this.process.now;
  }

  disconnected(client: SimulatedClient): void {
    const truth = this.truthOf(client);
    if (++truth.disconnections > 1) this.fail(client, 'was disconnected twice');
  }

  decided(client: SimulatedClient, decisions: readonly Decision[]): void {
    const truth = this.truthOf(client);
    const { process } = this;
    const { policy } = client;
    const demand = Math.max(policy.application ? truth.message : truth.life, truth.progress);
    const silence = process.tickedAt - demand;
    const isEnd = decisions.every((one) => one === 'terminate' || one === 'release');
    if (client.paused && !isEnd) this.fail(client, 'received a decision while it was paused');
    if (isEnd) this.checkEnd(client, decisions);
    if (decisions.includes('suspect')) {
      process.count('suspicions');
      if (truth.suspectedAt >= 0) this.fail(client, 'was suspected twice');
      if (silence < policy.suspectAfter) this.fail(client, `was suspected after ${silence} ms`);
      truth.suspectedAt = process.now;
    }
    if (decisions.includes('recovered')) {
      process.count('recoveries');
      if (truth.suspectedAt < 0) this.fail(client, 'recovered without being suspect');
      truth.suspectedAt = -1;
    }
    if (isEviction(decisions)) this.checkEviction(client, decisions, silence);
  }

  /** After the checks of a turn: every decision that was due has been made. */
  afterChecks(client: SimulatedClient): void {
    const truth = this.truthOf(client);
    this.updateBacklog(client, truth);
    if (!client.isOpen || client.paused || client.isReadingPaused) {
      this.clocksReset(client);
      truth.sent = this.adjustedNow;
      truth.doubledSince = -1;
      return;
    }
    const { policy } = client;
    // Waiting bytes count as sent, because a ping would only wait behind them.
    if (client.stream.waiting > 0 || client.isUnflushed) truth.sent = this.adjustedNow;
    if (!client.hasReported('slow-consumer')) this.checkBacklog(client, truth);
    if (this.adjustedNow - Math.max(truth.sent, truth.resetAt) > policy.interval + this.slack(4)) {
      this.fail(client, `was sent nothing for ${this.adjustedNow - truth.sent} ms`);
    }
    if (!client.hasReported('unresponsive')) {
      this.expectWithin(client, 'has been silent', this.silenceOf(client), policy.timeout);
    }
    if (!client.hasReported('idle')) {
      const idle = this.adjustedNow - Math.max(truth.adjustedActivity, truth.resetAt);
      this.expectWithin(client, 'has been idle', idle, policy.idleTimeout);
    }
  }

  /** Once a tick: actions that are due in real time happen within a few ticks. */
  checkRealTime(client: SimulatedClient): void {
    const truth = this.truthOf(client);
    truth.overdue = this.isOverdue(client, truth) ? truth.overdue + 1 : 0;
    if (truth.overdue > TICKS_TO_ACT) this.fail(client, 'is overdue in real time');
  }

  /** End of the run: every connection was disconnected exactly once. */
  end(): void {
    for (const [client, { disconnections }] of this.truths) {
      if (disconnections !== 1) this.fail(client, `was disconnected ${disconnections} times`);
    }
  }

  /** Reports a violation. Without a client the detector is its subject. */
  fail(client: SimulatedClient | undefined, violation: string): never {
    const subject = client === undefined ? 'the detector' : `client ${client.behaviour.number}`;
    throw new Violation(
      `${subject} ${violation}, at ${this.process.now - this.process.schedule.start} ms`,
    );
  }

  private checkEviction(
    client: SimulatedClient,
    decisions: readonly Decision[],
    silence: number,
  ): void {
    const truth = this.truthOf(client);
    const { process } = this;
    const { policy } = client;
    process.count(policy.dryRun ? 'dry-run evictions' : 'evictions');
    if (!client.isOpen) this.fail(client, 'was evicted although it is closing');
    if (!policy.dryRun && ++truth.evictions > 1) this.fail(client, 'was evicted twice');
    if (client.isReadingPaused && includesAny(decisions, ['unresponsive', 'idle'])) {
      this.fail(client, 'was evicted for silence although reading is paused');
    }
    const age = process.tickedAt - truth.connected;
    if (decisions.includes('unresponsive')) {
      process.count('unresponsive');
      if (silence < policy.timeout)
        this.fail(client, `was evicted as unresponsive after ${silence} ms`);
      if (client.nextArrival <= process.tickedAt)
        this.fail(client, 'was evicted as unresponsive although unread data waits');
      const isAnswering = policy.application ? client.isApplicationHealthy : client.isHealthy;
      if (isAnswering) {
        this.fail(client, 'was evicted as unresponsive although it answers within the margin');
      }
      this.expectWithin(client, 'was silent', this.silenceOf(client), policy.timeout);
      const isApplicationOnly = process.tickedAt - truth.life < policy.suspectAfter - this.slack(2);
      if (isApplicationOnly && !decisions.includes('application-unresponsive'))
        this.fail(client, 'is only application-unresponsive');
      if (decisions.includes('application-unresponsive')) process.count('application-unresponsive');
    }
    if (decisions.includes('slow-consumer')) {
      process.count('slow consumers');
      const { waiting, flushedAt } = client.stream;
      const { stalledBacklog: stalled, maxBacklog: max } = policy;
      const isStuck = waiting > stalled && process.now - flushedAt >= policy.timeout;
      if (!isStuck && waiting < truth.leastOverMax + max) {
        this.fail(client, `was evicted as a slow consumer with ${waiting} waiting bytes`);
      }
    }
    if (decisions.includes('idle')) {
      process.count('idle');
      const idle = process.tickedAt - truth.activity;
      if (idle < policy.idleTimeout) this.fail(client, `was evicted as idle after ${idle} ms`);
    }
    if (decisions.includes('expired')) {
      process.count('expired');
      if (age < policy.maxLifetime * 0.9 - 1) this.fail(client, `expired after ${age} ms`);
    }
    if (decisions.includes('unadmitted')) {
      process.count('unadmitted');
      if (client.admitted) this.fail(client, 'was evicted as unadmitted although it is admitted');
      if (age < policy.admissionTimeout - 1)
        this.fail(client, `was evicted as unadmitted after ${age} ms`);
    }
  }

  /**
   * The longest time until a check finds bytes of an incomplete frame. The detector dates them to that check. There
   * is one check per interval, and there are ten per timeout once a check has found some.
   */
  private discoveryDelay(
    { policy: { interval, timeout } }: SimulatedClient,
    truth: GroundTruth,
  ): number {
    if (truth.frameBegan < 0) truth.frameBegan = this.adjustedNow;
    const isKnown = this.adjustedNow - truth.frameBegan > interval + this.slack(3);
    return isKnown ? timeout / 10 : interval;
  }

  /** Updates the times that depend on waiting and flushed bytes. */
  private updateBacklog(client: SimulatedClient, truth: GroundTruth): void {
    const { stream, policy } = client;
    const { waiting, flushed } = stream;
    if (waiting === 0) truth.blockedSince = -1;
    else if (truth.blockedSince < 0 || flushed !== truth.lastFlushed)
      truth.blockedSince = this.adjustedNow;
    truth.lastFlushed = flushed;
    if (waiting <= policy.stalledBacklog) truth.stalledSince = -1;
    else if (truth.stalledSince < 0) truth.stalledSince = this.adjustedNow;
    const { maxBacklog: max } = policy;
    if (waiting <= max) truth.leastOverMax = Infinity;
    if (waiting < truth.leastOverMax + max) truth.doubledSince = -1;
    else if (truth.doubledSince < 0) truth.doubledSince = this.adjustedNow;
  }

  /** A slow consumer is found at most an interval after the condition holds. */
  private checkBacklog(
    client: SimulatedClient,
    { blockedSince, stalledSince, doubledSince, resetAt }: GroundTruth,
  ): void {
    const { policy, stream } = client;
    const found = policy.interval + this.slack(4);
    if (doubledSince >= 0 && this.adjustedNow - Math.max(doubledSince, resetAt) > found) {
      this.fail(client, `has ${stream.waiting} waiting bytes, and was not evicted`);
    }
    if (blockedSince < 0 || stream.waiting <= policy.stalledBacklog) return;
    // Both conditions have to hold: no byte was flushed for `timeout`, and more than `stalled` bytes wait.
    const due = Math.max(Math.max(blockedSince, resetAt) + policy.timeout * 1.1, stalledSince);
    if (this.adjustedNow - due > found) this.fail(client, 'does not read, and was not evicted');
  }

  /** A closing connection was terminated or released. */
  private checkEnd(client: SimulatedClient, decisions: readonly Decision[]): void {
    const truth = this.truthOf(client);
    const { now } = this.process;
    if (client.isOpen) this.fail(client, 'was terminated although it is open');
    const waited = now - Math.max(truth.closingAt, client.stream.flushedAt);
    const [first, ...more] = decisions;
    const only = more.length === 0 ? first : undefined;
    if (only === 'terminate' && waited < client.policy.closeTimeout - 1) {
      this.fail(
        client,
        `was terminated ${waited} ms after it began to close, or after bytes were flushed`,
      );
    }
    if (only === 'release' && !client.isClosed)
      this.fail(client, 'was released although it is not closed');
  }

  /** A closing connection has to be found by a check, and then has to end unless bytes are flushed. */
  private isCloseOverdue(client: SimulatedClient, truth: GroundTruth): boolean {
    const { now } = this.process;
    const { interval, closeTimeout } = client.policy;
    const unfound = this.adjustedNow - truth.adjustedClosing;
    const sinceClosed = truth.closedSilently < 0 ? 0 : this.adjustedNow - truth.closedSilently;
    if (sinceClosed > interval + this.slack(4)) return true;
    const isFound = client.state === 'evicted' || unfound > interval + this.slack(4);
    if (truth.closingFound < 0) {
      if (!isFound) return false;
      truth.closingFound = now;
    }
    // A termination without effect is repeated once.
    if (truth.terminatedAt >= 0) return now > truth.terminatedAt + TERMINATE_AGAIN + 2;
    return now > truth.closingFound + closeTimeout + Math.min(1_000, closeTimeout / 4) + 2;
  }

  private isOverdue(client: SimulatedClient, truth: GroundTruth): boolean {
    const { policy } = client;
    const { connected } = truth;
    const { now } = this.process;
    if (!client.isOpen) return this.isCloseOverdue(client, truth);
    if (client.paused) return false;
    const age = now - connected;
    if (!client.hasReported('expired') && age > policy.maxLifetime + 1) return true;
    return (
      !client.admitted && !client.hasReported('unadmitted') && age > policy.admissionTimeout + 1
    );
  }

  private silenceOf(client: SimulatedClient): number {
    const { adjustedLife, adjustedMessage, adjustedProgress, resetAt, blockedSince } =
      this.truthOf(client);
    const { application, interval } = client.policy;
    const life = application ? adjustedMessage : adjustedLife;
    // A check finds waiting bytes at most an interval later, and dates them to that check.
    const stuck = blockedSince < 0 ? 0 : blockedSince + interval;
    return this.adjustedNow - Math.max(life, adjustedProgress, resetAt, stuck);
  }

  /** The bound is 10 % and one tick. The oracle allows some ticks more, because it does not know the tick exactly. */
  private expectWithin(
    client: SimulatedClient,
    condition: string,
    time: number,
    limit: number,
  ): void {
    if (time > limit * 1.1 + this.slack(4))
      this.fail(client, `${condition} for ${time} ms, beyond the bound`);
  }

  private slack(ticks: number): number {
    return ticks * (this.longestStep + 1);
  }

  private truthOf(client: SimulatedClient): GroundTruth {
    return this.truths.get(client) as GroundTruth;
  }
}
