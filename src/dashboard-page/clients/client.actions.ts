import { useState } from 'preact/hooks';
import type { DashboardServer } from '../dashboard.server.js';
import { duration } from '../wording.js';

/** What an action on one client came to. */
export interface ActionResult {
  readonly id: string;
  readonly isPending: boolean;
  readonly isRefused: boolean;
  readonly text: string;
}

export interface ClientActions {
  readonly results: ReadonlyMap<string, ActionResult>;
  /** The newest one, for a live region. */
  readonly newest: ActionResult | undefined;
  readonly probe: (id: string) => void;
  readonly disconnect: (id: string, reason: string) => void;
}

/** How many results are kept. */
const KEPT = 200;

export function useClientActions(server: DashboardServer, onDone: () => void): ClientActions {
  const [results, setResults] = useState<ReadonlyMap<string, ActionResult>>(new Map());
  const keep = (result: ActionResult): void =>
    setResults((before) => {
      const others = [...before].filter(([id]) => id !== result.id);
      return new Map([...others.slice(1 - KEPT), [result.id, result]]);
    });
  const run = async (id: string, pending: string, action: () => Promise<string>): Promise<void> => {
    keep({ id, isPending: true, isRefused: false, text: pending });
    try {
      keep({ id, isPending: false, isRefused: false, text: await action() });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      keep({ id, isPending: false, isRefused: true, text });
    }
    onDone();
  };
  return {
    results,
    newest: [...results.values()].at(-1),
    probe: (id) =>
      void run(id, 'Probing …', async () => `Answered in ${duration(await server.probe(id))}`),
    disconnect: (id, reason) =>
      void run(id, 'Disconnecting …', async () => {
        await server.disconnect(id, reason);
        return 'Disconnected';
      }),
  };
}
