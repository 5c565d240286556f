import type { SimulatedPeer } from './simulation.js';

/** Counts the looks at a peer: each asks once whether its reading is paused. Evicted peers are not asked. */
export function countLooks(peer: SimulatedPeer): { count: number } {
  const looks = { count: 0 };
  let isPaused = peer.isReadingPaused;
  Object.defineProperty(peer, 'isReadingPaused', {
    get: () => {
      looks.count++;
      return isPaused;
    },
    set: (value: boolean) => {
      isPaused = value;
    },
  });
  return looks;
}
