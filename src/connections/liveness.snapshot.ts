import type { WsConnection } from '../transport/ws.connection.js';
import type { Liveness, LivenessState } from '../heartbeat.interfaces.js';
import type { FailureDetector } from '../detector/failure-detector.js';

/** The state of a connection. It is closed even before its `'close'` event was handled. */
export function stateOf(connection: WsConnection): LivenessState {
  return connection.isClosed ? 'closed' : connection.state;
}

/** A frozen snapshot of a connection, for the application. */
export function snapshotOf(
  connection: WsConnection,
  detector: FailureDetector<WsConnection>,
  state: LivenessState = stateOf(connection),
): Liveness {
  const { eviction, label, options } = connection;
  const { silence, applicationSilence, idle, admitted, paused } = detector.describe(connection);
  return Object.freeze({
    id: connection.id,
    ...(label !== undefined && { label }),
    client: connection.client,
    gateways: connection.server.names,
    state,
    connectedAt: connection.since,
    remoteAddress: connection.remoteAddress,
    silence,
    applicationSilence,
    idle,
    bufferedBytes: connection.bufferedBytes,
    interval: options.interval,
    timeout: options.timeout,
    admitted,
    paused,
    rtt: connection.roundTrip,
    ...(eviction && { eviction }),
  });
}
