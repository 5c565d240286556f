/** The fractional part of the golden ratio. */
const GOLDEN = 0.6180339887498949;

/**
 * The position of a connection between all others, from 0 to 1: multiples of the golden ratio, which spread evenly
 * however many there are. `sequence`: the 1-based number of the connection.
 */
export function phaseOf(sequence: number): number {
  const turns = sequence * GOLDEN;
  return turns - Math.floor(turns);
}

/** Slots until the phase of a connection recurs, at least one. An interval has two halves of this many slots. */
export function slotsToPhase(sequence: number, slot: number, half: number): number {
  const interval = 2 * half;
  const past = slot - Math.floor(phaseOf(sequence) * interval);
  return interval - (past - interval * Math.floor(past / interval));
}
