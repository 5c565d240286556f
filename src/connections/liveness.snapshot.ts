import type { WsConnection } from '../transport/ws.connection.js';
import type { Liveness, LivenessState, RoundTripTimes } from '../heartbeat.interfaces.js';
import type { FailureDetector } from '../detector/failure-detector.js';

/** The state of a connection. One whose `'close'` event is still to be handled is closed already. */
export function stateOf({ client, state }: WsConnection): LivenessState {
  return client.readyState === client.CLOSED ? 'closed' : state;
}

/** What is known of a connection now, as the application gets it. */
export function snapshotOf(
  connection: WsConnection,
  detector: FailureDetector<WsConnection>,
  state: LivenessState = stateOf(connection),
): Liveness {
  const { eviction, label, options } = connection;
  return Object.freeze({
    id: connection.id,
    ...(label !== undefined && { label }),
    client: connection.client,
    gateways: connection.server.names,
    state,
    connectedAt: connection.since,
    remoteAddress: connection.remoteAddress,
    silence: detector.silence(connection),
    applicationSilence: detector.applicationSilence(connection),
    idle: detector.idle(connection),
    bufferedBytes: connection.bufferedBytes,
    interval: options.interval,
    timeout: options.timeout,
    admitted: connection.admitted,
    paused: connection.paused || connection.isReadingPaused,
    rtt: roundTripTimes(connection),
    ...(eviction && { eviction }),
  });
}

function roundTripTimes({ roundTrip }: WsConnection): RoundTripTimes | undefined {
  if (roundTrip === undefined) return undefined;
  const { last, smoothed, variation, min } = roundTrip;
  return Object.freeze({ last, smoothed, variation, min });
}
