import type { PresenceStore } from 'nestjs-heartbeat/presence';
import { ENTRY_CASES } from './conformance.entries.js';
import { NODE_CASES } from './conformance.nodes.js';

/** A store for one case, empty, and how to release it. */
export interface PresenceStoreFixture {
  readonly store: PresenceStore;
  close?(): Promise<void> | void;
}

/** One demand on a store. `run` rejects if the store does not meet it. */
export interface PresenceStoreCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** The demands on every store, as cases for any test runner. Each runs on a store of its own. */
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
