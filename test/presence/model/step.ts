import * as fc from 'fast-check';

/** The nodes of the model. A node that was killed or shut down can be started again, with a new id. */
export const NODES = 3;
export const TOPICS = ['online', 'room'] as const;
/** Keys that a few clients of each node share. */
export const KEYS = ['a', 'b', 'c', 'd', 'e'];
const CLIENTS = 5;

/** What happens to one node. */
export const NODE_ACTIONS = [
  'kill',
  'shut down',
  'start',
  'pause',
  'resume',
  'lose messages',
] as const;
/** How the store treats the commands of one node, or of all. */
export const STORE_ACTIONS = ['working', 'failing', 'hanging', 'unanswered'] as const;

/** The clients of a node change. A crowd is so large that several commands are necessary. */
export type ClientStep = { readonly node: number } & (
  | {
      readonly do: 'join';
      readonly slot: number;
      readonly topic: string;
      readonly key: string;
      readonly meta?: number;
    }
  | { readonly do: 'leave'; readonly slot: number; readonly topic?: string }
  | { readonly do: 'crowd'; readonly joins: boolean; readonly size: number }
);

export interface NodeStep {
  readonly do: (typeof NODE_ACTIONS)[number];
  readonly node: number;
}

export interface StoreStep {
  readonly do: (typeof STORE_ACTIONS)[number];
  readonly node?: number;
}

/** One step of a schedule. */
export type Step =
  | ClientStep
  | NodeStep
  | StoreStep
  /** In multiples of the time between two renewals. */
  | { readonly do: 'wait'; readonly renewals: number }
  /** The store loses all data, or some. */
  | { readonly do: 'lose data'; readonly choice: number }
  /** All faults end. After a lease the view of each node must be that of the model. */
  | { readonly do: 'settle' };

export function isStoreStep(step: NodeStep | StoreStep): step is StoreStep {
  return (STORE_ACTIONS as readonly string[]).includes(step.do);
}

/** The input of one run. */
export interface Schedule {
  /** For latencies and for the jitter of renewals. */
  readonly seed: number;
  /** The option `linger`, in multiples of `renew`. */
  readonly linger: number;
  readonly steps: readonly Step[];
}

const node = fc.nat(NODES - 1);
const slot = fc.nat(CLIENTS - 1);
const topic = fc.constantFrom(...TOPICS);

const join = fc.record(
  {
    do: fc.constant('join' as const),
    node,
    slot,
    topic,
    key: fc.constantFrom(...KEYS),
    meta: fc.nat(2),
  },
  { requiredKeys: ['do', 'node', 'slot', 'topic', 'key'] },
);
const leave = fc.record(
  { do: fc.constant('leave' as const), node, slot, topic },
  { requiredKeys: ['do', 'node', 'slot'] },
);
const crowd = fc.record({
  do: fc.constant('crowd' as const),
  node,
  joins: fc.boolean(),
  size: fc.integer({ min: 90, max: 600 }),
});
const renewals = fc.oneof(
  fc.integer({ min: 0, max: 20 }).map((thousandths) => thousandths / 1_000),
  fc.integer({ min: 0, max: 40 }).map((tenths) => tenths / 10),
);
const wait = fc.record({ do: fc.constant('wait' as const), renewals });
const nodeAction = fc.record({ do: fc.constantFrom(...NODE_ACTIONS), node });
const storeAction = fc.record(
  { do: fc.constantFrom(...STORE_ACTIONS), node },
  { requiredKeys: ['do'] },
);
const dataLoss = fc.record({ do: fc.constant('lose data' as const), choice: fc.nat(9) });
const settle = fc.record({ do: fc.constant('settle' as const) });

/** Generates schedules of at most so many steps, of which about six in ten are joins and leaves. */
export function schedules(maxLength: number): fc.Arbitrary<Schedule> {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { arbitrary: join, weight: 45 },
    { arbitrary: leave, weight: 20 },
    { arbitrary: wait, weight: 20 },
    { arbitrary: crowd, weight: 1 },
    { arbitrary: nodeAction, weight: 7 },
    { arbitrary: storeAction, weight: 4 },
    { arbitrary: dataLoss, weight: 1 },
    { arbitrary: settle, weight: 2 },
  );
  return fc.record({
    seed: fc.nat(),
    linger: fc.constantFrom(0, 0.1, 1),
    steps: fc.array(step, { maxLength, size: 'max' }),
  });
}
