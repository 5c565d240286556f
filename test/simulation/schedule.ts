import * as fc from 'fast-check';
import type { DetectorOptions } from '../../src/detector/detector.policy.js';

/** Faults of the process and its machine. */
const LOOP_FAULTS = [
  'stall in timers, before the tick',
  'stall in timers, after the tick',
  'stall in poll',
  'stall in check phase, before the checks',
  'stall in check phase, between the checks',
  'stall in check phase, after the checks',
  'late ticks',
  'process suspended',
  'machine suspended, clock runs on',
  'machine suspended, clock stands still',
  'wall clock jumps',
  'burst of connections',
  'burst of deaths',
] as const;

/** Faults and actions that concern one client. */
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
  'the client closes, but keeps the TCP connection',
  'closed without an event',
] as const;

export const FAULTS = [...LOOP_FAULTS, ...CLIENT_FAULTS] as const;

export type ClientFault = (typeof CLIENT_FAULTS)[number];
export type LoopFault = (typeof LOOP_FAULTS)[number];

/** What happens to a client at `endsAt`. */
export const ENDS = ['stays', 'dies', 'freezes', 'closes', 'is cut off for a while'] as const;

/** The heartbeats that a client supports: it answers ping frames only, or message pings too, or sends its own. */
export const PROTOCOLS = ['pong only', 'withHeartbeat()', 'own heartbeats'] as const;

export interface FaultPlan<Kind = LoopFault | ClientFault> {
  readonly kind: Kind;
  /** Time of the fault, in thousandths of the run. */
  readonly at: number;
  /** Index of the client. A change of options also derives the index of the policy from it. */
  readonly client: number;
  /** Duration or amount, from 0 to 100. */
  readonly size: number;
}

export function concernsClient(fault: FaultPlan): fault is FaultPlan<ClientFault> {
  return (CLIENT_FAULTS as readonly string[]).includes(fault.kind);
}

export interface ClientPlan {
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly end: (typeof ENDS)[number];
  /** When the client connects, and when `end` happens, in thousandths of the run. */
  readonly connectsAt: number;
  readonly endsAt: number;
  /** The longest time to answer, as a percentage of the margin. Above 100 the client is not healthy. */
  readonly answerTime: number;
  /** Percentage of answers that are lost once, and so take the longest time. */
  readonly loss: number;
  /** Time between two application messages, as a percentage of the interval; 0: the client sends none. */
  readonly messageInterval: number;
  /** Time to read full kernel buffers, as a percentage of the margin; 0: the client reads at once. */
  readonly readTime: number;
}

/** The input of one run: 20 intervals with at least one fault. */
export interface Schedule {
  readonly policies: readonly DetectorOptions[];
  readonly clients: readonly ClientPlan[];
  readonly faults: readonly FaultPlan[];
  /** The duration of one check, in ms, and the number of checks between two readings of the clock. */
  readonly checkCost: number;
  readonly batch: number;
  /** Monotonic time at which the process starts. */
  readonly start: number;
}

/** Bytes that the kernel buffers of both sides hold. */
export const KERNEL_BUFFERS = 6_000;

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
    limits:
      bits & 4 ? { backlog: { stalled: KERNEL_BUFFERS / 2, max: KERNEL_BUFFERS * 2 } } : false,
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
  .map(([protocol, end, connectsAt, endsAt, answerTime, loss, messageInterval, readTime]) => ({
    protocol: PROTOCOLS[protocol % 3] as ClientPlan['protocol'],
    end: (end < 6 ? 'stays' : ENDS[end - 5]) as ClientPlan['end'],
    connectsAt: connectsAt < 700 ? 0 : connectsAt - 700,
    endsAt,
    answerTime: answerTime > 100 ? 100 + (answerTime - 100) * 20 : answerTime,
    loss,
    messageInterval: messageInterval > 100 ? 0 : messageInterval && messageInterval + 20,
    readTime: Math.max(0, readTime - 60),
  }));

const faults: fc.Arbitrary<FaultPlan> = fc
  .tuple(fc.integer({ min: 0, max: FAULTS.length - 1 }), share, fc.nat(7), percent)
  .map(([kind, at, client, size]) => ({
    kind: FAULTS[kind] as LoopFault | ClientFault,
    at,
    client,
    size,
  }));

/** Random schedules. */
export const schedules: fc.Arbitrary<Schedule> = fc
  .tuple(
    fc.array(policies, { minLength: 1, maxLength: 2 }),
    fc.array(clients, { minLength: 1, maxLength: 8, size: 'max' }),
    fc.array(faults, { minLength: 1, maxLength: 5, size: 'max' }),
    fc.integer({ min: 0, max: 8 }),
    fc.integer({ min: 1, max: 16 }),
    fc.integer({ min: 0, max: 100_000 }),
  )
  .map(([options, plans, unsorted, cost, batch, start]) => ({
    // `update()` cannot change `closeTimeout`.
    policies: options.map((one) => ({ ...one, closeTimeout: options[0]?.closeTimeout ?? 0 })),
    clients: plans,
    faults: unsorted.toSorted((a, b) => a.at - b.at),
    checkCost: cost / 10,
    batch,
    start: start / 16,
  }));
