import type { WsConnection } from '../transport/ws.connection.js';
import { logger } from '../heartbeat.logger.js';
import { escapeText } from '../heartbeat.text.js';
import type { Eviction, EvictionCause } from '../heartbeat.interfaces.js';

/** The shortest time between two warnings. Evictions in between are counted. Milliseconds. */
const WARNING_INTERVAL = 10_000;

/** Causes without a warning, because the application requested the close. */
const REQUESTED: ReadonlySet<EvictionCause> = new Set(['drain', 'requested']);

/** Logs summaries of evictions as warnings: the first at once, then at most one in ten seconds. */
export class EvictionLog {
  private readonly counts = new Map<string, number>();
  private nextWarningAt = -Infinity;

  add(connection: WsConnection, eviction: Eviction): void {
    const { server, id, policy } = connection;
    const { cause, code, reason, liveness, dryRun } = eviction;
    const suffix = dryRun ? ' (dry run)' : '';
    const what = `${server.names.join('+')}: ${cause}${suffix}`;
    if (!REQUESTED.has(cause)) this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    logger.debug(
      `${server.names.join('+')}: client ${id} at ${liveness.remoteAddress ?? 'an unknown address'} evicted as ${cause}` +
        `${suffix}, code ${code} ${escapeText(reason)}, ${silenceOf(eviction, policy.application)}`,
    );
  }

  /** Logs the summary, if there are evictions and the last warning is long enough ago. `real`: real time in ms. */
  flush(real: number): void {
    if (this.counts.size === 0 || real < this.nextWarningAt) return;
    const total = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    const parts = [...this.counts].map(([what, count]) => `${count} × ${what}`);
    logger.warn(`Evicted ${total} client${total === 1 ? '' : 's'}: ${parts.join(', ')}`);
    this.counts.clear();
    this.nextWarningAt = real + WARNING_INTERVAL;
  }
}

/** The silence that caused an eviction. For causes other than silence: the silence of the connection. */
function silenceOf({ cause, liveness }: Eviction, isApplicationMode: boolean): string {
  if (cause === 'idle') return `idle for ${liveness.idle} ms`;
  return cause === 'unresponsive' && isApplicationMode
    ? `no message for ${liveness.applicationSilence} ms`
    : `silent for ${liveness.silence} ms`;
}
