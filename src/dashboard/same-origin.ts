import type { IncomingHttpHeaders } from 'node:http';
import { HttpStatus } from '@nestjs/common';
import { dashboardError } from './dashboard.errors.js';

/**
 * Refuses an action that another site may have made a browser send. Forms cannot send JSON, and scripts of other origins
 * cannot without a preflight. Browsers set `Sec-Fetch-Site` for HTTPS and localhost, `Origin` always.
 *
 * @throws HttpException 415 without JSON, 403 from another origin
 */
export function refuseOtherSites(headers: IncomingHttpHeaders): void {
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';');
  if (mediaType.trim().toLowerCase() !== 'application/json') {
    throw dashboardError(
      HttpStatus.UNSUPPORTED_MEDIA_TYPE,
      'HEARTBEAT_NOT_JSON',
      'Actions of the dashboard are sent with `Content-Type: application/json`.',
    );
  }
  if (isSameOrigin(headers)) return;
  throw dashboardError(
    HttpStatus.FORBIDDEN,
    'HEARTBEAT_OTHER_ORIGIN',
    'Actions of the dashboard are refused from other origins. If a proxy changes the `Host` header, let it pass.',
  );
}

function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  if (origin === undefined) return true;
  // HTTP/2 has `:authority` instead of `Host`.
  const host = headers.host ?? headers[':authority'];
  return typeof host === 'string' && hasHost(origin, host);
}

/** Whether an origin has a host. Both without the default port of the origin's protocol. */
function hasHost(origin: string, host: string): boolean {
  try {
    const url = new URL(origin);
    return url.host !== '' && url.host === new URL(`${url.protocol}//${host}`).host;
  } catch {
    return false;
  }
}
