import { PACES, type Pace, type Transfer, type Transport } from './transfer.js';

/*
 * The cells of the suite: six transfers per pace, which cover all pairs of transport, compression, sender, messages
 * and liveness. So all pairs with the pace are covered, too. The full product would be 48 transfers per pace.
 *
 * Six is the least: 3 transports x 2 values. Each transport appears twice, and the second transfer has the opposite
 * value in each of the four columns of two values. A column is then given by its value in the first transfer of
 * each transport, a pattern of three bits. Two columns cover all four combinations if their patterns are neither
 * equal nor opposite. There are exactly four such patterns. From pace to pace the patterns move on by one transport,
 * so that the paces combine three values differently.
 *
 * `cells.spec.ts` checks the coverage.
 */

const TRANSPORTS: readonly Transport[] = ['tcp', 'tls', 'unix'];

const COMPRESSION = [0, 0, 0] as const;
const SENDER = [0, 0, 1] as const;
const MESSAGES = [0, 1, 0] as const;
const LIVENESS = [0, 1, 1] as const;

/** How a client dies in the middle of its transfer. */
export const FAULTS = ['hangs', 'is stopped', 'is cut off'] as const;
export type Fault = (typeof FAULTS)[number];

/**
 * The fault of each cell, for the paces of even and of odd number. Found by search: the twelve cells of `npm run test:e2e`
 * pair each fault with each value of the other factors, and so do those of the nightly tests.
 */
const FAULT_TABLE = [
  [0, 0, 1, 1, 2, 2],
  [1, 2, 0, 2, 0, 1],
] as const;

/** A cell, and the way in which the client of its twin dies. */
export interface Cell extends Transfer {
  readonly fault: Fault;
}

/** The cells of a pace. */
export function cellsOf(pace: Pace): Cell[] {
  const shift = PACES.indexOf(pace);
  return TRANSPORTS.flatMap((transport, index) =>
    [0, 1].map((half): Cell => {
      const value = (pattern: readonly number[]) =>
        Number(pattern[(index + shift) % TRANSPORTS.length]) ^ half;
      return {
        id: `${pace.name}-${transport}-${half}`,
        pace,
        transport,
        compression: value(COMPRESSION) === 1,
        sender: value(SENDER) === 1 ? 'client' : 'server',
        messages: value(MESSAGES) === 1 ? 'many' : 'one',
        liveness: value(LIVENESS) === 1 ? 'application' : 'transport',
        fault: FAULTS[Number(FAULT_TABLE[shift % 2]?.[2 * index + half])] ?? FAULTS[0],
      };
    }),
  );
}

/** Puts cells into groups of the same key. */
export function groupBy<Each>(cells: readonly Each[], keyOf: (cell: Each) => string): Each[][] {
  const groups = new Map<string, Each[]>();
  for (const cell of cells) groups.set(keyOf(cell), [...(groups.get(keyOf(cell)) ?? []), cell]);
  return [...groups.values()];
}
