import { Decision, VERDICTS } from '../../src/monitor/decision.js';
import type { ProcessModel } from './process.model.js';
import type { Arrival, SimulatedClient } from './simulated.client.js';

/** A promise that was broken. */
export class Violation extends Error {}

/** What really happened to a connection, in the time of the process and in attended time. */
interface Truth {
  life: number;
  message: number;
  activity: number;
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

  received(client: SimulatedClient, what: Arrival): void {
    const truth = this.of(client);
    const { now } = this.process;
    truth.life = now;
    truth.attendedLife = this.attended;
    if (what === 'bytes') truth.attendedLife += this.untilFound(client, truth);
    else truth.frameBegan = -1;
    if (what === 'frame' || what === 'bytes') return;
    truth.message = now;
    truth.attendedMessage = this.attended;
    if (what !== 'message') return;
    truth.activity = now;
    truth.attendedActivity = this.attended;
  }

  sent(client: SimulatedClient): void {
    this.of(client).sent = this.attended;
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
    truth.life = truth.message = truth.activity = this.process.now;
    truth.sent = this.attended;
    this.disturbed(client);
  }

  disconnected(client: SimulatedClient): void {
    const truth = this.of(client);
    if (++truth.disconnections > 1) this.fail(client, 'was disconnected twice');
  }

  decided(client: SimulatedClient, decision: number): void {
    const truth = this.of(client);
    const { process } = this;
    const { policy } = client;
    const demand = policy.application ? truth.message : truth.life;
    const silence = process.tickedAt - demand;
    if (client.paused && decision !== Decision.Terminate)
      this.fail(client, 'was looked at while it was paused');
    if (decision & Decision.Suspect) {
      process.count('suspicions');
      if (truth.suspectedAt >= 0) this.fail(client, 'was suspected twice');
      if (silence < policy.suspectAfter) this.fail(client, `was suspected after ${silence} ms`);
      truth.suspectedAt = process.now;
    }
    if (decision & Decision.Recovered) {
      process.count('recoveries');
      if (truth.suspectedAt < 0) this.fail(client, 'recovered from nothing');
      truth.suspectedAt = -1;
    }
    if (decision & VERDICTS) this.sentenced(client, decision, silence);
  }

  /** After the looks of a turn: what had to be decided by now, was. */
  rest(client: SimulatedClient): void {
    const truth = this.of(client);
    if (!client.isOpen || client.paused || client.isReadingPaused) {
      this.disturbed(client);
      truth.sent = this.attended;
      return;
    }
    const { policy } = client;
    if (this.attended - Math.max(truth.sent, truth.disturbed) > policy.interval + this.slack(4)) {
      this.fail(client, `was sent nothing for ${this.attended - truth.sent} ms`);
    }
    if ((client.observed & Decision.Unresponsive) === 0) {
      this.bound(client, 'is dead', this.silenceOf(client), policy.timeout);
    }
    if ((client.observed & Decision.Idle) === 0) {
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

  private sentenced(client: SimulatedClient, decision: number, silence: number): void {
    const truth = this.of(client);
    const { process } = this;
    const { policy } = client;
    process.count(policy.observeOnly ? 'observed verdicts' : 'verdicts');
    if (!client.isOpen) this.fail(client, 'was sentenced although it is closing');
    if (!policy.observeOnly && ++truth.evictions > 1) this.fail(client, 'was evicted twice');
    if (client.isReadingPaused) this.fail(client, 'was sentenced although we do not read from it');
    const age = process.tickedAt - truth.connected;
    if (decision & Decision.Unresponsive) {
      process.count('unresponsive');
      if (silence < policy.timeout) this.fail(client, `was called dead after ${silence} ms`);
      if (client.nextArrival <= process.tickedAt) this.fail(client, 'was called dead unread');
      const isAnswering = policy.application ? client.isTalkative : client.isHealthy;
      if (isAnswering) this.fail(client, 'was called dead although it answers within the margin');
      this.bound(client, 'was called dead', this.silenceOf(client), policy.timeout);
      const isMute = process.tickedAt - truth.life < policy.suspectAfter - this.slack(2);
      if (isMute && (decision & Decision.Mute) === 0) this.fail(client, 'is mute, not dead');
      if (decision & Decision.Mute) process.count('mute');
    }
    if (decision & Decision.Idle) {
      process.count('idle');
      const idle = process.tickedAt - truth.activity;
      if (idle < policy.idleTimeout) this.fail(client, `was called idle after ${idle} ms`);
    }
    if (decision & Decision.Expired) {
      process.count('expired');
      if (age < policy.maxLifetime * 0.9 - 1) this.fail(client, `expired after ${age} ms`);
    }
    if (decision & Decision.Unadmitted) {
      process.count('unadmitted');
      if (client.admitted) this.fail(client, 'was called unadmitted although it is admitted');
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

  private isOverdue(client: SimulatedClient, { connected }: Truth): boolean {
    const { policy, observed } = client;
    const { now } = this.process;
    if (client.state === 'evicted') return now > client.closeBy + 1;
    if (!client.isOpen || client.paused || client.isReadingPaused) return false;
    const age = now - connected;
    if ((observed & Decision.Expired) === 0 && age > policy.maxLifetime + 1) return true;
    return (
      !client.admitted &&
      (observed & Decision.Unadmitted) === 0 &&
      age > policy.admissionTimeout + 1
    );
  }

  private silenceOf(client: SimulatedClient): number {
    const { attendedLife, attendedMessage, disturbed } = this.of(client);
    const life = client.policy.application ? attendedMessage : attendedLife;
    return this.attended - Math.max(life, disturbed);
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
