import type { WsConnection } from '../gateway/ws.connection.js';
import type { Liveness, RoundTripTimes } from '../heartbeat.interfaces.js';
import type { LivenessMonitor } from '../monitor/liveness.monitor.js';

/** What is known of a connection now, as the application gets it. */
export function snapshotOf(
  connection: WsConnection,
  monitor: LivenessMonitor<WsConnection>,
): Liveness {
  return Object.freeze({
    id: connection.id,
    client: connection.client,
    gateways: connection.server.names,
    state: connection.state,
    connectedAt: connection.since,
    remoteAddress: connection.remoteAddress,
    silence: monitor.silence(connection),
    applicationSilence: monitor.applicationSilence(connection),
    idle: monitor.idle(connection),
    admitted: connection.admitted,
    paused: connection.paused || connection.isReadingPaused,
    rtt: roundTripTimes(connection),
  });
}

function roundTripTimes({ roundTrip }: WsConnection): RoundTripTimes | undefined {
  if (roundTrip === undefined) return undefined;
  const { last, smoothed, variation, min } = roundTrip;
  return Object.freeze({ last, smoothed, variation, min });
}
