import type { PresenceStore } from 'nestjs-heartbeat/presence';
import { SimulatedStore } from './simulated.store.js';
import { SimulatedTime, turn } from './simulated.time.js';
import type { Surroundings } from './surroundings.js';

const SLOWEST = 10;

/** A simulated store on simulated time. */
export class SimulatedSurroundings implements Surroundings {
  readonly time = new SimulatedTime();
  readonly times = { renew: 5_000, lease: 15_000, deadline: 2_000 };
  private readonly store = new SimulatedStore(this.time);

  constructor(readonly random: () => number) {}

  latency(): number {
    return this.random() * SLOWEST;
  }

  connect(): PresenceStore {
    return this.store;
  }

  cut(): void {}

  /** All data, or that of the last second, as in a failover to a replica. */
  loseData(choice: number): Promise<void> {
    return this.store.lose(choice < 5 ? Infinity : 1_000);
  }

  pass(ms: number): Promise<void> {
    return this.time.advance(ms);
  }

  async answer<Result>(promise: Promise<Result>): Promise<Result> {
    let isSettled = false;
    const settle = () => (isSettled = true);
    promise.then(settle, settle);
    for (await turn(); !isSettled; await this.time.advance(1));
    return promise;
  }

  async agree(within: number, differences: () => Promise<string[]>): Promise<string[]> {
    await this.pass(within);
    return differences();
  }
}

/** A generator of numbers from 0 to 1 with a seed: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
