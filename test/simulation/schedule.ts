import * as fc from 'fast-check';
import type { DetectorOptions } from '../../src/detector/detector.policy.js';

/** What happens to a process while it serves its clients. */
const LOOP_FAULTS = [
  'stall in timers, before the tick',
  'stall in timers, after the tick',
  'stall in poll',
  'stall in check, before the looks',
  'stall in check, between the looks',
  'stall in check, after the looks',
  'late ticks',
  'process suspended',
  'machine suspended, clock runs on',
  'machine suspended, clock stands still',
  'wall clock jumps',
  'burst of arrivals',
  'burst of deaths',
] as const;

/** What is done to one client, by us or by itself. */
const CLIENT_FAULTS = [
  'options change',
  'pause',
  'reading pauses',
  'slow upload',
  'admission',
  'a message is sent',
  'a broadcast begins',
  'reading stops',
  'the application closes',
  'the client closes, and does not end',
  'the end is not heard',
] as const;

export const FAULTS = [...LOOP_FAULTS, ...CLIENT_FAULTS] as const;

export type ClientFault = (typeof CLIENT_FAULTS)[number];
export type LoopFault = (typeof LOOP_FAULTS)[number];

/** How the story of a client ends. */
export const ENDS = ['lives', 'dies', 'freezes', 'leaves', 'is cut off for a while'] as const;

/** What a client says: answers to frames, answers to messages too, or heartbeats of its own. */
export const SPEECH = ['plain', 'companion', 'bare'] as const;

export interface FaultPlan<Kind = LoopFault | ClientFault> {
  readonly kind: Kind;
  /** When, as a share of the whole run, in thousandths. */
  readonly at: number;
  /** Index of the client concerned, and of the policy for a change of options. */
  readonly who: number;
  /** 0 to 100: how long, how much. */
  readonly size: number;
}

export function concernsClient(fault: FaultPlan): fault is FaultPlan<ClientFault> {
  return (CLIENT_FAULTS as readonly string[]).includes(fault.kind);
}

export interface ClientPlan {
  readonly speech: (typeof SPEECH)[number];
  readonly end: (typeof ENDS)[number];
  /** When it comes and when its story ends, as a share of the whole run, in thousandths. */
  readonly arrives: number;
  readonly ends: number;
  /** The longest time to answer, as a percentage of the margin. Above 100 the client is no healthy one. */
  readonly answers: number;
  /** Percentage of answers that are lost once and come as late as the client ever answers. */
  readonly loss: number;
  /** Time between two application messages, as a percentage of the interval; 0: it sends none. */
  readonly talks: number;
  /** Time to read all that kernels hold, as a percentage of the margin; 0: it reads everything at once. */
  readonly reads: number;
}

/** All that happens in one run: 20 intervals, one fault or more. */
export interface Schedule {
  readonly policies: readonly DetectorOptions[];
  readonly clients: readonly ClientPlan[];
  readonly faults: readonly FaultPlan[];
  /** Ms that one look takes, and how many looks go by between two readings of the time. */
  readonly lookCost: number;
  readonly batch: number;
  /** Real time at which the process starts. */
  readonly start: number;
}

/** Bytes that the kernels on the way to a client hold. */
export const KERNELS = 6_000;

const policies: fc.Arbitrary<DetectorOptions> = fc
  .tuple(
    fc.integer({ min: 40, max: 1_600 }),
    fc.integer({ min: 25, max: 200 }),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 4_095 }),
  )
  .map(([interval, margin, application, bits]) => ({
    interval,
    timeout: interval + Math.max(40, Math.round((interval * margin) / 100)),
    liveness: application === 3 ? 'application' : 'transport',
    idleTimeout: (bits & 7) === 7 ? interval * 5 : false,
    maxLifetime: (bits & 56) === 56 ? interval * 12 : false,
    admissionTimeout: (bits & 448) === 448 ? interval * 4 : false,
    closeTimeout: interval * (1 + (bits & 3)),
    dryRun: (bits & 3_584) === 3_584,
    limits: bits & 4 ? { backlog: { stalled: KERNELS / 2, max: KERNELS * 2 } } : false,
  }));

const share = fc.integer({ min: 0, max: 999 });
const percent = fc.integer({ min: 0, max: 100 });

const clients: fc.Arbitrary<ClientPlan> = fc
  .tuple(
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: 0, max: 9 }),
    share,
    share,
    fc.integer({ min: 0, max: 110 }),
    fc.integer({ min: 0, max: 50 }),
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 0, max: 120 }),
  )
  .map(([speech, end, arrives, ends, answers, loss, talks, reads]) => ({
    speech: SPEECH[speech % 3] as ClientPlan['speech'],
    end: (end < 6 ? 'lives' : ENDS[end - 5]) as ClientPlan['end'],
    arrives: arrives < 700 ? 0 : arrives - 700,
    ends,
    answers: answers > 100 ? 100 + (answers - 100) * 20 : answers,
    loss,
    talks: talks > 100 ? 0 : talks && talks + 20,
    reads: Math.max(0, reads - 60),
  }));

const faults: fc.Arbitrary<FaultPlan> = fc
  .tuple(fc.integer({ min: 0, max: FAULTS.length - 1 }), share, fc.nat(7), percent)
  .map(([kind, at, who, size]) => ({
    kind: FAULTS[kind] as LoopFault | ClientFault,
    at,
    who,
    size,
  }));

/** Schedules at random. */
export const schedules: fc.Arbitrary<Schedule> = fc
  .tuple(
    fc.array(policies, { minLength: 1, maxLength: 2 }),
    fc.array(clients, { minLength: 1, maxLength: 8, size: 'max' }),
    fc.array(faults, { minLength: 1, maxLength: 5, size: 'max' }),
    fc.integer({ min: 0, max: 8 }),
    fc.integer({ min: 1, max: 16 }),
    fc.integer({ min: 0, max: 100_000 }),
  )
  .map(([some, who, what, cost, batch, start]) => ({
    // `update()` cannot change it.
    policies: some.map((one) => ({ ...one, closeTimeout: some[0]?.closeTimeout ?? 0 })),
    clients: who,
    faults: what.toSorted((a, b) => a.at - b.at),
    lookCost: cost / 10,
    batch,
    start: start / 16,
  }));
