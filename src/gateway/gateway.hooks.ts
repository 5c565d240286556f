import type { WebSocket } from 'ws';
import type { Eviction, Liveness } from '../heartbeat.interfaces.js';

/**
 * A gateway that wants to know when one of its clients became silent.
 *
 * @publicApi
 */
export interface OnGatewaySuspect {
  /**
   * Called when nothing was heard of a client for half way between `interval` and `timeout`. Not
   * awaited; what it throws is logged.
   */
  handleSuspect(client: WebSocket, liveness: Liveness): unknown;
}

/**
 * A gateway that wants to know when a suspect client was heard again.
 *
 * @publicApi
 */
export interface OnGatewayRecover {
  /** Called at most a tick after the sign of life. Not awaited; what it throws is logged. */
  handleRecover(client: WebSocket, liveness: Liveness): unknown;
}

/**
 * A gateway that wants to know why a client of its own is closed.
 *
 * @publicApi
 */
export interface OnGatewayEvict {
  /**
   * Called before every close that the module starts, drain included, while the socket can still be
   * written to. Not awaited; what it throws is logged.
   */
  handleEvict(client: WebSocket, eviction: Eviction): unknown;
}

/** A gateway as the module meets it: any of the hooks may be there. */
export type GatewayHooks = Partial<OnGatewaySuspect & OnGatewayRecover & OnGatewayEvict>;
