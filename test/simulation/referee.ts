import { includesAny, isEviction, type Decision } from '../support/decisions.js';
import type { ProcessModel } from './process.model.js';
import type { PreInitConnection, SimulatedClient } from './simulated.client.js';

/** A promise that was broken. */
export class Violation extends Error {}

/** What really happened to a connection, in the time of the process and in attended time. */
interface Truth {
  life: number;
  message: number;
  activity: number;
  /** Progress of a message on its way: in real time when it was made, in attended time when it was found. */
  progress: number;
  attendedProgress: number;
  /** What the kernel had taken at the last look, if bytes waited then; -1: none did. */
  blockedAt: number;
  /** Attended time since which bytes wait of which the kernel takes none; -1: it does, or none wait. */
  blockedSince: number;
  /** What it had taken at the last look, what waited then, and what it had taken when its books were kept last. */
  lookedAt: number;
  waitedAt: number;
  lastTaken: number;
  /** Attended time since which more than `stalled` bytes wait; -1: no more do. */
  stalledSince: number;
  /** The least that waited since more than the limit did, and since when it has doubled; -1: it has not. */
  leastOverMax: number;
  doubledSince: number;
  /** When the connection began to be closed, and when that had to be found. */
  closingAt: number;
  attendedClosing: number;
  closingFound: number;
  /** Attended time at which it was closed without a word; -1: it was not. */
  closedUnheard: number;
  terminatedAt: number;
  attendedLife: number;
  attendedMessage: number;
  attendedActivity: number;
  /** Attended time at which its clocks or its options last changed for a reason that is not the client's. */
  disturbed: number;
  sent: number;
  /** Attended time of the first bytes of a frame that is on its way; -1: none is. */
  frameBegan: number;
  connected: number;
  suspectedAt: number;
  overdue: number;
  evictions: number;
  observations: number;
  disconnections: number;
}

/** Ticks after which what is due in real time has to be done: one to notice, one to look, one for slices. */
const TICKS_TO_ACT = 3;
/** A termination that did not end a connection is tried again, and then it is given up. Milliseconds. */
const TERMINATE_AGAIN = 1_000;

/** Knows the truth, measures attended time for itself, and holds every decision against it. */
export class Referee {
  /** Attended time, by a reckoning of our own. */
  attended = 0;
  private longestStep = 0;
  private real: number;
  private readonly truths = new Map<SimulatedClient, Truth>();

  constructor(private readonly process: ProcessModel) {
    this.real = Math.floor(process.now);
  }

  /** `period`: ms from tick to tick. Longer gaps are stalls of ours, of which only one tick counts. */
  tick(period: number): void {
    const now = Math.floor(this.process.now);
    const gap = now - this.real;
    const isStall = gap > period * 1.25 + 50;
    const step = isStall ? period : gap;
    this.attended += step;
    this.longestStep = Math.max(this.longestStep, step, period);
    this.real = now;
    if (isStall) this.process.count('stalls');
  }

  /** The timer was started anew: what has passed does not count. */
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
      attendedProgress: this.attended,
      blockedAt: -1,
      blockedSince: -1,
      lookedAt: 0,
      waitedAt: 0,
      lastTaken: 0,
      stalledSince: -1,
      leastOverMax: Infinity,
      doubledSince: -1,
      closingAt: -1,
      attendedClosing: -1,
      closingFound: -1,
      closedUnheard: -1,
      terminatedAt: -1,
      attendedLife: this.attended,
      attendedMessage: this.attended,
      attendedActivity: this.attended,
      disturbed: this.attended,
      sent: this.attended,
      frameBegan: -1,
      connected: now,
      suspectedAt: -1,
      overdue: 0,
      evictions: 0,
      observations: 0,
      disconnections: 0,
    });
  }

  received(client: SimulatedClient, what: PreInitConnection): void {
    const truth = this.of(client);
    const { now } = this.process;
    truth.life = now;
    truth.attendedLife = this.attended;
    if (what === 'bytes') {
      truth.attendedLife += this.untilFound(client, truth);
      truth.progress = now;
      truth.attendedProgress = Math.max(truth.attendedProgress, truth.attendedLife);
    } else truth.frameBegan = -1;
    if (what === 'frame' || what === 'bytes') return;
    truth.message = now;
    truth.attendedMessage = this.attended;
    if (what !== 'message') return;
    truth.activity = now;
    truth.attendedActivity = this.attended;
  }

  sent(client: SimulatedClient): void {
    const truth = this.of(client);
    truth.sent = this.attended;
    this.observe(client, truth);
  }

  /** Before a look: it finds what the kernel took of a queue that was blocked at an earlier one. */
  looked(client: SimulatedClient): void {
    const truth = this.of(client);
    const { stream } = client;
    this.observe(client, truth);
    // What was taken since the last look may have been taken before more was sent.
    const fewest = truth.waitedAt - (stream.taken - truth.lookedAt);
    if (fewest <= client.policy.maxBacklog) {
      truth.leastOverMax = Infinity;
      truth.doubledSince = -1;
    }
    truth.waitedAt = stream.waiting;
    // One burst is no reason, however large: what counts is added to what a look has found.
    if (stream.waiting > client.policy.maxBacklog) {
      truth.leastOverMax = Math.min(truth.leastOverMax, stream.waiting);
    }
    if (truth.blockedAt >= 0 && stream.taken !== truth.blockedAt) {
      this.process.count('progress');
      truth.progress = Math.max(truth.progress, stream.takenAt);
      truth.attendedProgress = this.attended;
    }
    truth.blockedAt = stream.waiting > 0 ? stream.taken : -1;
    // Also while the connection is being closed, a look finds what was taken since the one before.
    if (truth.closingFound >= 0 && stream.taken !== truth.lookedAt) {
      truth.closingFound = this.process.now;
    }
    truth.lookedAt = stream.taken;
  }

  /** An open connection is closed, and its end will not be heard. */
  closedUnheard(client: SimulatedClient): void {
    this.closing(client);
    this.of(client).closedUnheard = this.attended;
  }

  /** The connection begins to be closed. */
  closing(client: SimulatedClient): void {
    const truth = this.of(client);
    if (truth.closingAt >= 0) return;
    truth.closingAt = this.process.now;
    truth.attendedClosing = this.attended;
  }

  /** Its clocks start again, or other options hold. */
  disturbed(client: SimulatedClient): void {
    const truth = this.of(client);
    truth.disturbed = this.attended;
    truth.frameBegan = -1;
  }

  /** Its clocks start from zero now, in real time too. */
  restarted(client: SimulatedClient): void {
    const truth = this.of(client);
    truth.life = truth.message = truth.activity = truth.progress = this.process.now;
    truth.blockedAt = -1;
    // What waits now is what counts from now on.
    truth.leastOverMax =
      client.stream.waiting > client.policy.maxBacklog ? client.stream.waiting : Infinity;
    truth.doubledSince = -1;
    truth.sent = this.attended;
    this.disturbed(client);
  }

  terminated(client: SimulatedClient): void {
    this.of(client).terminatedAt = this.process.now;
  }

  disconnected(client: SimulatedClient): void {
    const truth = this.of(client);
    if (++truth.disconnections > 1) this.fail(client, 'was disconnected twice');
  }

  decided(client: SimulatedClient, decisions: readonly Decision[]): void {
    const truth = this.of(client);
    const { process } = this;
    const { policy } = client;
    const demand = Math.max(policy.application ? truth.message : truth.life, truth.progress);
    const silence = process.tickedAt - demand;
    const isEnd = decisions.every((one) => one === 'terminate' || one === 'release');
    if (client.record.paused && !isEnd) this.fail(client, 'was decided about while it was paused');
    if (isEnd) this.ended(client, decisions);
    if (decisions.includes('suspect')) {
      process.count('suspicions');
      if (truth.suspectedAt >= 0) this.fail(client, 'was suspected twice');
      if (silence < policy.suspectAfter) this.fail(client, `was suspected after ${silence} ms`);
      truth.suspectedAt = process.now;
    }
    if (decisions.includes('recovered')) {
      process.count('recoveries');
      if (truth.suspectedAt < 0) this.fail(client, 'recovered from nothing');
      truth.suspectedAt = -1;
    }
    if (isEviction(decisions)) this.sentenced(client, decisions, silence);
  }

  /** After the looks of a turn: what had to be decided by now, was. */
  rest(client: SimulatedClient): void {
    const truth = this.of(client);
    this.observe(client, truth);
    if (!client.isOpen || client.record.paused || client.isReadingPaused) {
      this.disturbed(client);
      truth.sent = this.attended;
      truth.doubledSince = -1;
      return;
    }
    const { policy } = client;
    // What waits has been sent; a ping behind it would only wait, too.
    if (client.stream.waiting > 0 || client.record.pings.isUnflushed) truth.sent = this.attended;
    if (!client.record.hasReported('slow-consumer')) this.slow(client, truth);
    if (this.attended - Math.max(truth.sent, truth.disturbed) > policy.interval + this.slack(4)) {
      this.fail(client, `was sent nothing for ${this.attended - truth.sent} ms`);
    }
    if (!client.record.hasReported('unresponsive')) {
      this.bound(client, 'is dead', this.silenceOf(client), policy.timeout);
    }
    if (!client.record.hasReported('idle')) {
      const idle = this.attended - Math.max(truth.attendedActivity, truth.disturbed);
      this.bound(client, 'is idle', idle, policy.idleTimeout);
    }
  }

  /** Once a tick: what is due in real time. `due`: whether it is. */
  realTime(client: SimulatedClient): void {
    const truth = this.of(client);
    truth.overdue = this.isOverdue(client, truth) ? truth.overdue + 1 : 0;
    if (truth.overdue > TICKS_TO_ACT) this.fail(client, 'is long overdue in real time');
  }

  /** The books are closed: every connection ended, and ended once. */
  end(): void {
    for (const [client, { disconnections }] of this.truths) {
      if (disconnections !== 1) this.fail(client, `was disconnected ${disconnections} times`);
    }
  }

  fail(client: SimulatedClient | undefined, what: string): never {
    const who = client === undefined ? 'the books' : `client ${client.behaviour.number}`;
    throw new Violation(`${who} ${what}, at ${this.process.now - this.process.schedule.start} ms`);
  }

  private sentenced(
    client: SimulatedClient,
    decisions: readonly Decision[],
    silence: number,
  ): void {
    const truth = this.of(client);
    const { process } = this;
    const { policy } = client;
    process.count(policy.dryRun ? 'observed verdicts' : 'verdicts');
    if (!client.isOpen) this.fail(client, 'was sentenced although it is closing');
    if (!policy.dryRun && ++truth.evictions > 1) this.fail(client, 'was evicted twice');
    if (client.isReadingPaused && includesAny(decisions, ['unresponsive', 'idle'])) {
      this.fail(client, 'was called silent although we do not read from it');
    }
    const age = process.tickedAt - truth.connected;
    if (decisions.includes('unresponsive')) {
      process.count('unresponsive');
      if (silence < policy.timeout) this.fail(client, `was called dead after ${silence} ms`);
      if (client.nextArrival <= process.tickedAt) this.fail(client, 'was called dead unread');
      const isAnswering = policy.application ? client.isTalkative : client.isHealthy;
      if (isAnswering) this.fail(client, 'was called dead although it answers within the margin');
      this.bound(client, 'was called dead', this.silenceOf(client), policy.timeout);
      const isMute = process.tickedAt - truth.life < policy.suspectAfter - this.slack(2);
      if (isMute && !decisions.includes('application-unresponsive'))
        this.fail(client, 'is mute, not dead');
      if (decisions.includes('application-unresponsive')) process.count('mute');
    }
    if (decisions.includes('slow-consumer')) {
      process.count('slow consumers');
      const { waiting, takenAt } = client.stream;
      const { stalledBacklog: stalled, maxBacklog: max } = policy;
      const isStuck = waiting > stalled && process.now - takenAt >= policy.timeout;
      if (!isStuck && waiting < truth.leastOverMax + max) {
        this.fail(client, `was called a slow consumer with ${waiting} bytes waiting`);
      }
    }
    if (decisions.includes('idle')) {
      process.count('idle');
      const idle = process.tickedAt - truth.activity;
      if (idle < policy.idleTimeout) this.fail(client, `was called idle after ${idle} ms`);
    }
    if (decisions.includes('expired')) {
      process.count('expired');
      if (age < policy.maxLifetime * 0.9 - 1) this.fail(client, `expired after ${age} ms`);
    }
    if (decisions.includes('unadmitted')) {
      process.count('unadmitted');
      if (client.record.admitted)
        this.fail(client, 'was called unadmitted although it is admitted');
      if (age < policy.admissionTimeout - 1) this.fail(client, `was unadmitted after ${age} ms`);
    }
  }

  /**
   * Bytes in the middle of a frame are found on a look, and might be as young as that. There are two an interval,
   * and ten a timeout once one has found some.
   */
  private untilFound({ policy: { interval, timeout } }: SimulatedClient, truth: Truth): number {
    if (truth.frameBegan < 0) truth.frameBegan = this.attended;
    const isKnown = this.attended - truth.frameBegan > interval / 2 + this.slack(3);
    return isKnown ? timeout / 10 : interval / 2;
  }

  /** Keeps the books of what the kernel takes. */
  private observe(client: SimulatedClient, truth: Truth): void {
    const { stream, policy } = client;
    const { waiting, taken } = stream;
    if (waiting === 0) truth.blockedSince = -1;
    else if (truth.blockedSince < 0 || taken !== truth.lastTaken)
      truth.blockedSince = this.attended;
    truth.lastTaken = taken;
    if (waiting <= policy.stalledBacklog) truth.stalledSince = -1;
    else if (truth.stalledSince < 0) truth.stalledSince = this.attended;
    const { maxBacklog: max } = policy;
    if (waiting <= max) truth.leastOverMax = Infinity;
    if (waiting < truth.leastOverMax + max) truth.doubledSince = -1;
    else if (truth.doubledSince < 0) truth.doubledSince = this.attended;
  }

  /** A client that does not take what is sent is found half an interval later at most. */
  private slow(
    client: SimulatedClient,
    { blockedSince, stalledSince, doubledSince, disturbed }: Truth,
  ): void {
    const { policy, stream } = client;
    const found = policy.interval / 2 + this.slack(4);
    if (doubledSince >= 0 && this.attended - Math.max(doubledSince, disturbed) > found) {
      this.fail(client, `leaves ${stream.waiting} bytes waiting, unnoticed`);
    }
    if (blockedSince < 0 || stream.waiting <= policy.stalledBacklog) return;
    // Both have to hold: nothing was taken for so long, and so much waits.
    const due = Math.max(Math.max(blockedSince, disturbed) + policy.timeout * 1.1, stalledSince);
    if (this.attended - due > found) this.fail(client, 'takes nothing, unnoticed');
  }

  /** A closing connection was terminated, or released. */
  private ended(client: SimulatedClient, decisions: readonly Decision[]): void {
    const truth = this.of(client);
    const { now } = this.process;
    if (client.isOpen) this.fail(client, 'was terminated although it is open');
    const waited = now - Math.max(truth.closingAt, client.stream.takenAt);
    const [first, ...more] = decisions;
    const only = more.length === 0 ? first : undefined;
    if (only === 'terminate' && waited < client.policy.closeTimeout - 1) {
      this.fail(client, `was terminated ${waited} ms after it began to close, or took something`);
    }
    if (only === 'release' && !client.isClosed) this.fail(client, 'was released');
  }

  /** A connection that is being closed has to be found, and then to end, or to take something. */
  private isCloseOverdue(client: SimulatedClient, truth: Truth): boolean {
    const { now } = this.process;
    const { interval, closeTimeout } = client.policy;
    const unfound = this.attended - truth.attendedClosing;
    const unheard = truth.closedUnheard < 0 ? 0 : this.attended - truth.closedUnheard;
    if (unheard > interval / 2 + this.slack(4)) return true;
    const isFound = client.record.state === 'evicted' || unfound > interval / 2 + this.slack(4);
    if (truth.closingFound < 0) {
      if (!isFound) return false;
      truth.closingFound = now;
    }
    // A termination is tried twice.
    if (truth.terminatedAt >= 0) return now > truth.terminatedAt + TERMINATE_AGAIN + 2;
    return now > truth.closingFound + closeTimeout + Math.min(1_000, closeTimeout / 4) + 2;
  }

  private isOverdue(client: SimulatedClient, truth: Truth): boolean {
    const { policy, record } = client;
    const { connected } = truth;
    const { now } = this.process;
    if (!client.isOpen) return this.isCloseOverdue(client, truth);
    if (client.record.paused) return false;
    const age = now - connected;
    if (!record.hasReported('expired') && age > policy.maxLifetime + 1) return true;
    return (
      !client.record.admitted &&
      !record.hasReported('unadmitted') &&
      age > policy.admissionTimeout + 1
    );
  }

  private silenceOf(client: SimulatedClient): number {
    const { attendedLife, attendedMessage, attendedProgress, disturbed, blockedSince } =
      this.of(client);
    const { application, interval } = client.policy;
    const life = application ? attendedMessage : attendedLife;
    // That bytes wait is found half an interval later at most, and only then is it known for how long.
    const stuck = blockedSince < 0 ? 0 : blockedSince + interval / 2;
    return this.attended - Math.max(life, attendedProgress, disturbed, stuck);
  }

  /** Never later than 10 % and one tick; some ticks more are not known exactly here. */
  private bound(client: SimulatedClient, what: string, time: number, limit: number): void {
    if (time > limit * 1.1 + this.slack(4)) this.fail(client, `${what} for ${time} ms, unnoticed`);
  }

  private slack(ticks: number): number {
    return ticks * (this.longestStep + 1);
  }

  private of(client: SimulatedClient): Truth {
    return this.truths.get(client) as Truth;
  }
}
