import { connect } from 'nestjs-heartbeat/client/reconnect';

let latest;

/** `connect()` makes a socket for every attempt. The latest one knows how the server stands. */
class KnownWebSocket extends WebSocket {
  constructor(...args) {
    super(...args);
    latest = this;
  }
}

const url = new URL('chat', location.href);
url.protocol = url.protocol.replace('http', 'ws');

/** The connection to the gateway, which comes back by itself. Its waits are short, so that you can watch. */
export const connection = connect(url.href, {
  WebSocket: KnownWebSocket,
  maxDelay: 5_000,
  connectTimeout: 5_000,
});

/** The socket of the connection, or of the attempt to make one; `undefined` before the first. */
export const currentSocket = () => latest;

/** Sends a message in Nest's shape. */
export const send = (event, data) => connection.send(JSON.stringify({ event, data }));
