import { DetectorPolicy } from '../../src/detector/detector.policy.js';
import {
  concernsClient,
  type ClientFault,
  type FaultPlan,
  type LoopFault,
  type Schedule,
} from './schedule.js';
import { SimulatedClient, type PreInitConnection } from './simulated.client.js';

/** What runs in the process: it hears of everything that Node would tell it, in the phase in which it would. */
export interface Server {
  /** Ms between two ticks. */
  readonly period: number;
  /** It wants a turn in the next check phase (`setImmediate`). */
  readonly wantsCheck: boolean;
  connected(client: SimulatedClient): void;
  received(client: SimulatedClient, what: PreInitConnection): void;
  tick(): void;
  check(): void;
  /** The application, or the client, does something. */
  fault?(fault: FaultPlan<ClientFault>, client: SimulatedClient): void;
  /** The run is over: whoever is left has gone. */
  end(): void;
}

const INTERVALS = 20;

/**
 * A process as Node runs it. Each turn of the loop has a timers phase (the tick), a poll phase, in which
 * everything that has arrived is read, and a check phase. Time passes while the loop waits, and wherever
 * a stall is planned.
 */
export class ProcessModel {
  /** What the monotonic clock says, and how far the wall clock is from it. Milliseconds. */
  now: number;
  wallOffset = 0;
  readonly policies: readonly DetectorPolicy[];
  readonly clients: readonly SimulatedClient[];
  readonly counts: Record<string, number> = {};
  /** What the next look takes on top of its cost: a hook of the application blocks. */
  betweenLooks = 0;
  /** Time of the last tick that fired. */
  tickedAt: number;

  private server!: Server;
  private readonly coming: SimulatedClient[];
  private readonly open: SimulatedClient[] = [];
  private readonly faults: { at: number; plan: FaultPlan }[];
  private readonly length: number;
  private readonly undo: { at: number; act: () => void }[] = [];
  private dueTick = 0;
  private lateUntil = -Infinity;
  private lateBy = 0;
  private stalls = [0, 0, 0, 0, 0, 0];

  constructor(readonly schedule: Schedule) {
    this.now = schedule.start;
    this.tickedAt = this.now;
    this.policies = schedule.policies.map((times) => new DetectorPolicy(times));
    const interval = Math.max(...this.policies.map((policy) => policy.interval));
    this.length = interval * INTERVALS;
    const margin = Math.min(...this.policies.map((policy) => policy.timeout - policy.interval));
    const patience = Math.min(...this.policies.map((policy) => policy.timeout));
    const at = (share: number) => this.now + (share / 1_000) * this.length;
    this.clients = schedule.clients.map(
      (plan, number) =>
        new SimulatedClient(this.policies[0] as DetectorPolicy, {
          plan,
          number,
          connectAt: at(plan.arrives),
          endAt: at(Math.max(plan.ends, plan.arrives)),
          margin,
          patience,
          interval,
          clock: this,
        }),
    );
    this.coming = this.clients.toSorted((a, b) => a.connectAt - b.connectAt);
    this.faults = schedule.faults.map((plan) => ({ at: at(plan.at), plan }));
  }

  get wall(): number {
    return this.now + this.wallOffset;
  }

  run(server: Server): void {
    this.server = server;
    const end = this.now + this.length;
    this.restartTimer();
    while (this.now < end) this.turn(end);
    server.end();
  }

  /** Everything starts anew, `setInterval` is called now. */
  restartTimer(): void {
    this.dueTick = Math.floor(this.now) + this.server.period;
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  /** The connection is gone: nothing of it is read any longer. */
  forget(client: SimulatedClient): void {
    const index = this.open.indexOf(client);
    if (index >= 0) this.open.splice(index, 1);
  }

  /** How long a stall of a given size lasts: up to three times the longest timeout. */
  private duration(size: number): number {
    return (size / 100) ** 2 * 3 * (this.policies[0] as DetectorPolicy).timeout;
  }

  private turn(end: number): void {
    const { server } = this;
    if (!server.wantsCheck) this.wait(end);
    const loopTime = this.now;
    while ((this.faults[0]?.at ?? Infinity) <= this.now) {
      this.strike((this.faults.shift() as { plan: FaultPlan }).plan);
    }
    while ((this.undo[0]?.at ?? Infinity) <= this.now) this.undo.shift()?.act();
    this.stall(0);
    if (loopTime >= this.dueTick) {
      const late = this.now < this.lateUntil ? this.lateBy : 0;
      this.dueTick = Math.floor(loopTime) + server.period + late;
      if (late > 0) this.count('late ticks');
      this.tickedAt = this.now;
      this.count('ticks');
      server.tick();
    }
    this.stall(1);
    this.poll();
    this.stall(3);
    if (server.wantsCheck) {
      this.betweenLooks = this.stalls[4] as number;
      this.stalls[4] = 0;
      server.check();
    }
    this.stall(5);
  }

  private wait(end: number): void {
    let next = Math.min(
      this.dueTick,
      this.faults[0]?.at ?? Infinity,
      this.undo[0]?.at ?? Infinity,
      this.coming[0]?.connectAt ?? Infinity,
      end,
    );
    for (const client of this.open) {
      if (!client.isReadingPaused) next = Math.min(next, client.nextArrival);
    }
    this.now = Math.max(this.now, next);
  }

  /** Reads what the kernel holds. Whoever has something when the phase begins is read in it. */
  private poll(): void {
    while ((this.coming[0]?.connectAt ?? Infinity) <= this.now) {
      const client = this.coming.shift() as SimulatedClient;
      this.open.push(client);
      client.start(this.now);
      this.count('arrivals');
      this.server.connected(client);
    }
    for (const client of this.open) client.stream.poll(this.now);
    const ready = this.open.filter(
      (client) => client.nextArrival <= this.now && !client.isReadingPaused,
    );
    if (ready.length === 0) this.stall(2);
    for (const client of ready) {
      for (let what = client.read(this.now); what !== undefined; what = client.read(this.now)) {
        this.server.received(client, what);
      }
      this.stall(2);
    }
  }

  private stall(phase: number): void {
    this.now += this.stalls[phase] as number;
    this.stalls[phase] = 0;
  }

  private strike(fault: FaultPlan): void {
    this.count(fault.kind);
    if (!concernsClient(fault)) return this.strikeLoop(fault as FaultPlan<LoopFault>);
    const client = this.clients[fault.who % this.clients.length] as SimulatedClient;
    if (this.open.includes(client)) this.server.fault?.(fault, client);
  }

  private strikeLoop({ kind, size, who }: FaultPlan<LoopFault>): void {
    const duration = this.duration(size);
    switch (kind) {
      case 'stall in timers, before the tick':
        this.stalls[0] = duration;
        break;
      case 'stall in timers, after the tick':
        this.stalls[1] = duration;
        break;
      case 'stall in poll':
        this.stalls[2] = duration;
        break;
      case 'stall in check, before the looks':
        this.stalls[3] = duration;
        break;
      case 'stall in check, between the looks':
        this.stalls[4] = duration;
        break;
      case 'stall in check, after the looks':
        this.stalls[5] = duration;
        break;
      case 'late ticks':
        this.lateUntil = this.now + 10 * duration + this.length / 10;
        this.lateBy = 1 + Math.floor((size / 50) * (this.server.period / 4 + 50));
        break;
      case 'process suspended':
      case 'machine suspended, clock runs on':
        this.now += duration;
        break;
      case 'machine suspended, clock stands still':
        for (const one of this.clients) one.shift(duration, this.now);
        break;
      case 'wall clock jumps':
        this.wallOffset += (who % 2 === 0 ? 1 : -1) * duration * 100;
        break;
      case 'burst of arrivals':
        for (const one of this.coming) one.connectAt = Math.min(one.connectAt, this.now);
        break;
      case 'burst of deaths':
        for (const one of this.open) {
          if (one.behaviour.number <= who) {
            one.die(this.now);
            this.count('deaths');
          }
        }
    }
  }

  /** Does something later. */
  later(size: number, act: () => void): void {
    this.undo.push({ at: this.now + 1 + this.duration(size), act });
    this.undo.sort((a, b) => a.at - b.at);
  }
}
