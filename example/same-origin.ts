import type { IncomingMessage } from 'node:http';

/** Browsers let any page open a WebSocket to any server, and say from where: only our own page may. */
export function isSameOrigin({ origin, req }: { origin?: string; req: IncomingMessage }): boolean {
  return origin === undefined || origin.replace(/^https?:\/\//, '') === req.headers.host;
}
