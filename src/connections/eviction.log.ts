import { Logger } from '@nestjs/common';
import type { WsConnection } from '../gateway/ws.connection.js';
import { escapeText } from '../heartbeat.errors.js';
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

  add({ server, id }: WsConnection, { cause, code, reason, liveness, observed }: Eviction): void {
    const would = observed ? ' (observed only)' : '';
    const what = `${server.names.join('+')}: ${cause}${would}`;
    if (!WANTED.has(cause)) this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    this.logger.debug(
      `${server.names.join('+')}: client ${id} at ${liveness.remoteAddress ?? 'an unknown address'} evicted as ${cause}` +
        `${would}, code ${code} ${escapeText(reason)}, silent for ${liveness.silence} ms`,
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
