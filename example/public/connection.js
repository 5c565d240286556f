import { connect } from 'nestjs-heartbeat/client/reconnect';

let latest;

/** `connect()` creates a socket for each attempt. This class keeps the latest one. */
class RecordedWebSocket extends WebSocket {
  constructor(...args) {
    super(...args);
    latest = this;
  }
}

const url = new URL('chat', location.href);
url.protocol = url.protocol.replace('http', 'ws');

/** The connection to the gateway, which reconnects by itself. The delays are short for the demo. */
export const connection = connect(url.href, {
  WebSocket: RecordedWebSocket,
  maxDelay: 5_000,
  connectTimeout: 5_000,
});

/** The socket of the latest attempt, whose `heartbeat` has the state of the server. */
export const currentSocket = () => latest;

/** Sends a message in the format of Nest's `WsAdapter`. */
export const send = (event, data) => connection.send(JSON.stringify({ event, data }));
