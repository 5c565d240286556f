import type { WebSocket } from 'ws';
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
 * A frozen `Eviction`, of a client that gave no sign of life unless another cause is given.
 *
 * @publicApi
 */
export function createEviction(values: Partial<Eviction> = {}): Eviction {
  const liveness = values.liveness ?? createLiveness({ state: 'suspect', silence: 45_000 });
  const isUnresponsive = (values.cause ?? 'unresponsive') === 'unresponsive';
  return Object.freeze({
    cause: 'unresponsive',
    ...(isUnresponsive && { level: 'transport' as const }),
    code: isUnresponsive ? 1006 : 1000,
    reason: isUnresponsive ? 'heartbeat timeout' : '',
    liveness,
    bufferedBytes: liveness.bufferedBytes,
    loopDelay: 0,
    dryRun: false,
    ...values,
  });
}
