import type { PresenceStore } from '../../presence/presence.store.js';
import { ENTRY_CASES } from './conformance.entries.js';
import { NODE_CASES } from './conformance.nodes.js';

/**
 * A store for one case, empty, and how to release it.
 *
 * @publicApi
 */
export interface PresenceStoreFixture {
  /** The store. */
  readonly store: PresenceStore;
  /** Releases the store after the case. */
  close?(): Promise<void> | void;
}

/**
 * One demand on a store. `run` rejects with an `AssertionError` if the store does not meet it.
 *
 * @publicApi
 */
export interface PresenceStoreCase {
  /** What is demanded, as the name of a test. */
  readonly name: string;
  /** Tries it. */
  readonly run: () => Promise<void>;
}

/**
 * The demands on every `PresenceStore`, as cases for any test runner: `for (const { name, run } of cases) test(name, run)`.
 *
 * @param create makes the store of one case. Its entries must be empty; several cases may run at a time
 * @publicApi
 */
export function presenceStoreConformance(
  create: () => PresenceStoreFixture | Promise<PresenceStoreFixture>,
): PresenceStoreCase[] {
  return Object.entries({ ...ENTRY_CASES, ...NODE_CASES }).map(([name, demand]) => ({
    name,
    run: async () => {
      const fixture = await create();
      try {
        await demand(fixture.store);
      } finally {
        await fixture.close?.();
      }
    },
  }));
}
