import type { ConnectOptions, ConnectUrl, LiveConnection } from './live-connection.js';
import { ReconnectingConnection } from './reconnecting.connection.js';

/**
 * Connects, and again whenever the connection is lost: after a wait that is random and grows, at once when the page
 * or its network is back, and not after a close code that says to stay away.
 *
 * @publicApi
 */
export function connect(url: ConnectUrl, options: ConnectOptions = {}): LiveConnection {
  return new ReconnectingConnection(url, options);
}
