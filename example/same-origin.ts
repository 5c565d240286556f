import type { IncomingMessage } from 'node:http';

/** Accepts only this server's own pages: browsers let any page connect, and send its origin. */
export function isSameOrigin({ origin, req }: { origin?: string; req: IncomingMessage }): boolean {
  return origin === undefined || origin.replace(/^https?:\/\//, '') === req.headers.host;
}
