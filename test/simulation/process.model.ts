import { DetectorPolicy } from '../../src/detector/detector.policy.js';
import {
  concernsClient,
  type ClientFault,
  type FaultPlan,
  type LoopFault,
  type Schedule,
} from './schedule.js';
import { SimulatedClient, type InboundEvent } from './simulated.client.js';

/** The server in the process. Its methods are called in the phases in which Node.js would call them. */
export interface Server {
  /** Milliseconds between two ticks. */
  readonly period: number;
  /** Whether `check()` is called in the next check phase, as by `setImmediate()`. */
  readonly wantsCheck: boolean;
  connected(client: SimulatedClient): void;
  received(client: SimulatedClient, event: InboundEvent): void;
  tick(): void;
  check(): void;
  /** Applies a fault or an action that concerns one client. */
  fault?(fault: FaultPlan<ClientFault>, client: SimulatedClient): void;
  /** The run is over: all remaining connections are closed. */
  end(): void;
}

/** Length of a run in intervals. */
const INTERVALS = 20;

/**
 * A model of a Node.js process. Each turn of the event loop has a timers phase (the tick), a poll phase, which reads
 * everything that has arrived, and a check phase. Time passes while the loop waits, and during planned stalls.
 */
export class ProcessModel {
  /** The monotonic clock, and the offset of the wall clock from it. Milliseconds. */
  now: number;
  wallOffset = 0;
  readonly policies: readonly DetectorPolicy[];
  readonly clients: readonly SimulatedClient[];
  readonly counts: Record<string, number> = {};
  /** Milliseconds for which a hook of the application blocks during the next check. */
  hookDelay = 0;
  /** Time of the last tick. */
  tickedAt: number;

  private server!: Server;
  private readonly upcoming: SimulatedClient[];
  private readonly open: SimulatedClient[] = [];
  private readonly faults: { at: number; plan: FaultPlan }[];
  private readonly length: number;
  private readonly delayed: { at: number; run: () => void }[] = [];
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
    const timeout = Math.min(...this.policies.map((policy) => policy.timeout));
    const at = (share: number) => this.now + (share / 1_000) * this.length;
    this.clients = schedule.clients.map(
      (plan, number) =>
        new SimulatedClient(this.policies[0] as DetectorPolicy, {
          plan,
          number,
          connectAt: at(plan.connectsAt),
          endAt: at(Math.max(plan.endsAt, plan.connectsAt)),
          margin,
          timeout,
          interval,
          clock: this,
        }),
    );
    this.upcoming = this.clients.toSorted((a, b) => a.connectAt - b.connectAt);
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

  /** Schedules the next tick one period from now, as a new `setInterval()` does. */
  restartTimer(): void {
    this.dueTick = Math.floor(this.now) + this.server.period;
  }

  count(event: string, by = 1): void {
    this.counts[event] = (this.counts[event] ?? 0) + by;
  }

  /** Removes a connection that has ended. */
  forget(client: SimulatedClient): void {
    const index = this.open.indexOf(client);
    if (index >= 0) this.open.splice(index, 1);
  }

  /** The duration of a stall of a given size: up to three times the timeout of the first policy. */
  private duration(size: number): number {
    return (size / 100) ** 2 * 3 * (this.policies[0] as DetectorPolicy).timeout;
  }

  private turn(end: number): void {
    const { server } = this;
    if (!server.wantsCheck) this.wait(end);
    const loopTime = this.now;
    while ((this.faults[0]?.at ?? Infinity) <= this.now) {
      this.inject((this.faults.shift() as { plan: FaultPlan }).plan);
    }
    while ((this.delayed[0]?.at ?? Infinity) <= this.now) this.delayed.shift()?.run();
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
      this.hookDelay = this.stalls[4] as number;
      this.stalls[4] = 0;
      server.check();
    }
    this.stall(5);
  }

  private wait(end: number): void {
    let next = Math.min(
      this.dueTick,
      this.faults[0]?.at ?? Infinity,
      this.delayed[0]?.at ?? Infinity,
      this.upcoming[0]?.connectAt ?? Infinity,
      end,
    );
    for (const client of this.open) {
      if (!client.isReadingPaused) next = Math.min(next, client.nextArrival);
    }
    this.now = Math.max(this.now, next);
  }

  /** Reads from each client that has data in the kernel when the phase begins. */
  private poll(): void {
    while ((this.upcoming[0]?.connectAt ?? Infinity) <= this.now) {
      const client = this.upcoming.shift() as SimulatedClient;
      this.open.push(client);
      client.begin(this.now);
      this.count('connections');
      this.server.connected(client);
    }
    for (const client of this.open) client.stream.poll(this.now);
    const ready = this.open.filter(
      (client) => client.nextArrival <= this.now && !client.isReadingPaused,
    );
    if (ready.length === 0) this.stall(2);
    for (const client of ready) {
      for (let event = client.read(this.now); event !== undefined; event = client.read(this.now)) {
        this.server.received(client, event);
      }
      this.stall(2);
    }
  }

  private stall(phase: number): void {
    this.now += this.stalls[phase] as number;
    this.stalls[phase] = 0;
  }

  private inject(fault: FaultPlan): void {
    this.count(fault.kind);
    if (!concernsClient(fault)) return this.injectLoopFault(fault as FaultPlan<LoopFault>);
    const client = this.clients[fault.client % this.clients.length] as SimulatedClient;
    if (this.open.includes(client)) this.server.fault?.(fault, client);
  }

  private injectLoopFault({ kind, size, client: index }: FaultPlan<LoopFault>): void {
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
      case 'stall in check phase, before the checks':
        this.stalls[3] = duration;
        break;
      case 'stall in check phase, between the checks':
        this.stalls[4] = duration;
        break;
      case 'stall in check phase, after the checks':
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
        this.wallOffset += (index % 2 === 0 ? 1 : -1) * duration * 100;
        break;
      case 'burst of connections':
        for (const one of this.upcoming) one.connectAt = Math.min(one.connectAt, this.now);
        break;
      case 'burst of deaths':
        for (const one of this.open) {
          if (one.behaviour.number <= index) {
            one.die(this.now);
            this.count('deaths');
          }
        }
    }
  }

  /** Runs a callback after the duration of a stall of the given size. */
  later(size: number, run: () => void): void {
    this.delayed.push({ at: this.now + 1 + this.duration(size), run });
    this.delayed.sort((a, b) => a.at - b.at);
  }
}
