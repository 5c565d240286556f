import type { SimulatedPeer } from '../support/simulation.js';

/** Counts the checks of a peer. Each check reads `isReadingPaused` once, except for evicted peers. */
export function countChecks(peer: SimulatedPeer): { count: number } {
  const checks = { count: 0 };
  let isPaused = peer.isReadingPaused;
  Object.defineProperty(peer, 'isReadingPaused', {
    get: () => {
      checks.count++;
      return isPaused;
    },
    set: (value: boolean) => {
      isPaused = value;
    },
  });
  return checks;
}
