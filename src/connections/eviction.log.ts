import { Logger } from '@nestjs/common';
import type { WsConnection } from '../transport/ws.connection.js';
import { escapeText } from '../heartbeat.text.js';
import type { Eviction, EvictionCause } from '../heartbeat.interfaces.js';

/** How long evictions are gathered after a line about evictions. */
const QUIET = 10_000;

/** Nothing to warn of: somebody wanted these. */
const WANTED: ReadonlySet<EvictionCause> = new Set(['drain', 'requested']);

/** Warns of evictions in summary: one line at once, then at most one in ten seconds, however many there are. */
export class EvictionLog {
  private readonly logger = new Logger('HeartbeatModule');
  private readonly counts = new Map<string, number>();
  private quietUntil = -Infinity;

  add(connection: WsConnection, eviction: Eviction): void {
    const { server, id, record } = connection;
    const { cause, code, reason, liveness, dryRun } = eviction;
    const would = dryRun ? ' (dryRun only)' : '';
    const what = `${server.names.join('+')}: ${cause}${would}`;
    if (!WANTED.has(cause)) this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    this.logger.debug(
      `${server.names.join('+')}: client ${id} at ${liveness.remoteAddress ?? 'an unknown address'} evicted as ${cause}` +
        `${would}, code ${code} ${escapeText(reason)}, ${silenceOf(eviction, record.policy.application)}`,
    );
  }

  /** Writes what was gathered, if it is time, at the real time given. */
  flush(real: number): void {
    if (this.counts.size === 0 || real < this.quietUntil) return;
    const total = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    const parts = [...this.counts].map(([what, count]) => `${count} × ${what}`);
    this.logger.warn(`Evicted ${total} client${total === 1 ? '' : 's'}: ${parts.join(', ')}`);
    this.counts.clear();
    this.quietUntil = real + QUIET;
  }
}

/** The silence that decided; for causes that are about something else, that of the connection. */
function silenceOf({ cause, liveness }: Eviction, isApplicationMode: boolean): string {
  if (cause === 'idle') return `idle for ${liveness.idle} ms`;
  return cause === 'unresponsive' && isApplicationMode
    ? `no message for ${liveness.applicationSilence} ms`
    : `silent for ${liveness.silence} ms`;
}
