import type { WebSocket } from 'ws';
import type { Eviction, Liveness } from '../heartbeat.interfaces.js';

/**
 * Hook of a gateway, called when one of its clients becomes silent.
 *
 * @publicApi
 */
export interface OnGatewaySuspect {
  /**
   * Called when nothing was received from a client for (`interval` + `timeout`) / 2. It is
   * not awaited. Errors are logged. Runs in the `AsyncLocalStorage` context of the application's start.
   */
  handleSuspect(client: WebSocket, liveness: Liveness): unknown;
}

/**
 * Hook of a gateway, called when a suspect client gives a sign of life.
 *
 * @publicApi
 */
export interface OnGatewayRecover {
  /**
   * Called at most a tick after the sign of life. It is not awaited. Errors are logged. Runs in the
   * `AsyncLocalStorage` context of the application's start.
   */
  handleRecover(client: WebSocket, liveness: Liveness): unknown;
}

/**
 * Hook of a gateway, called before the module closes one of its clients, with the reason.
 *
 * @publicApi
 */
export interface OnGatewayEvict {
  /**
   * Called before every close that the module starts, drain included, while the socket can still be
   * written to. The close does not wait for it. Shutdown waits for its promise, at the latest `drain.within` + `closeTimeout`
   * after the drain began. Errors are logged.
   *
   * It runs in the `AsyncLocalStorage` context of the call that closes the client: `disconnect()` or `drain()`. Otherwise
   * it runs in the context of the application's start, as the other hooks do.
   */
  handleEvict(client: WebSocket, eviction: Eviction): unknown;
}

/** The hooks that a gateway implements. */
export type GatewayHooks = Partial<OnGatewaySuspect & OnGatewayRecover & OnGatewayEvict>;
