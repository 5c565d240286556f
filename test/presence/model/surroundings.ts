import type { PresenceStore } from 'nestjs-heartbeat/presence';
import type { HeartbeatClock } from 'nestjs-heartbeat/testing';

/** Time and store of a cluster: simulated, or real. */
export interface Surroundings {
  readonly time: HeartbeatClock;
  /** The options `renew`, `lease` and `deadline`, in ms. */
  readonly times: { readonly renew: number; readonly lease: number; readonly deadline: number };
  /** A number from 0 to 1. */
  random(): number;
  /** The time that a command, an answer or a message takes, in ms. */
  latency(): number;
  /** Opens the connections of a new node. */
  connect(id: string): PresenceStore;
  /** Ends the connections of a node that was killed. */
  cut(id: string): void;
  /** The store loses data. `choice`: which. */
  loseData(choice: number): Promise<void>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** Waits for a promise of the store. */
  answer<Result>(promise: Promise<Result>): Promise<Result>;
  /**
   * Waits until `differences()` finds none, for at most `within` ms, and returns those that remain. On simulated time
   * it is called once, at the end.
   */
  agree(within: number, differences: () => Promise<string[]>): Promise<string[]>;
}
