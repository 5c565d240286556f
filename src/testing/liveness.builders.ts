import type { WebSocket } from 'ws';
import { CLOSE_METHODS } from '../connections/close.methods.js';
import type { Eviction, Liveness } from '../heartbeat.interfaces.js';
import { HeartbeatPolicy } from '../heartbeat.options.js';

/** Connections made so far, for their IDs. */
let count = 0;

/**
 * A frozen `Liveness` of a healthy client, with the given values.
 *
 * @publicApi
 */
export function createLiveness(values: Partial<Liveness> = {}): Liveness {
  const { interval, timeout } = new HeartbeatPolicy();
  return Object.freeze({
    id: `test-client-${++count}`,
    client: {} as WebSocket,
    gateways: [],
    state: 'alive',
    connectedAt: Date.now(),
    remoteAddress: '127.0.0.1',
    silence: 0,
    applicationSilence: 0,
    idle: 0,
    bufferedBytes: 0,
    interval,
    timeout,
    admitted: false,
    paused: false,
    rtt: undefined,
    ...values,
  });
}

/**
 * A frozen `Eviction`, of a client that gave no sign of life unless another cause is given. The code and the reason are
 * those that the module uses for the cause.
 *
 * @publicApi
 */
export function createEviction(values: Partial<Eviction> = {}): Eviction {
  const { cause = 'unresponsive', level } = values;
  const isSilent = cause === 'unresponsive';
  const liveness =
    values.liveness ?? createLiveness(isSilent ? { state: 'suspect', silence: 45_000 } : {});
  const method = CLOSE_METHODS[level === 'application' ? 'application-unresponsive' : cause];
  return Object.freeze({
    cause,
    ...(isSilent && { level: 'transport' as const }),
    code: method.code,
    reason: method.reason,
    liveness,
    bufferedBytes: liveness.bufferedBytes,
    loopDelay: 0,
    dryRun: false,
    ...values,
  });
}
