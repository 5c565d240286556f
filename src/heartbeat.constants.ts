/*
 * Fixed strings, not symbols of this module. A process normally loads one copy of this package, but Jest with
 * `--experimental-vm-modules` can load the ESM and the CommonJS build (docs/troubleshooting.md, "One copy per process"). Metadata that
 * one copy writes must be readable by the other.
 */

/** Injection token of the module's options as the user gave them. */
export const RAW_OPTIONS = 'nestjs-heartbeat:raw-options';
/** Injection token of the module's options, validated and with all defaults. */
export const HEARTBEAT_OPTIONS = 'nestjs-heartbeat:options';
/** Metadata of a gateway: its own options, or `false`. */
export const GATEWAY_HEARTBEAT = 'nestjs-heartbeat:gateway';
/** Metadata of a handler or gateway: what `@RequireLiveness()` demands. */
export const REQUIRED_LIVENESS = 'nestjs-heartbeat:required-liveness';
/** Injection token of the state of presence, for health checks: `PresenceModule` provides it. */
export const PRESENCE_STATE = 'nestjs-heartbeat:presence-state';
/** Name of the one interval in the application's `SchedulerRegistry`. */
export const TICK_NAME = 'nestjs-heartbeat';

/** The longest delay of a Node timer, 24.8 days. A longer one fires at once. Milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;
/** How long `probe()` waits for the answer by default. Milliseconds. */
export const PROBE_TIMEOUT = 5_000;

/**
 * The close codes of this module and its companion client. 1xxx are registered (RFC 6455, section 7.4.1, and the IANA
 * registry), 3000 is "unauthorized" there, 44xx are private to applications. The module sends all of them, unless stated
 * otherwise.
 *
 * @publicApi
 */
export enum HeartbeatCloseCode {
  /** The client sent more pings, pongs or heartbeat messages than the limits allow. */
  Flooding = 1008,
  /** The server shuts down or drains, or the connection reached `maxLifetime`: reconnect. */
  Restart = 1012,
  /** The application did not admit the client within `admissionTimeout`. */
  Unadmitted = 3000,
  /** The application of the client was silent for `timeout`, on a connection that works. */
  HeartbeatTimeout = 4408,
  /** No application message for `idleTimeout`. */
  Idle = 4409,
  /** Sent by the companion client when its page is frozen; never by the server. */
  PageFrozen = 4410,
  /** Another client took over the session (`exclusive` of `/presence`). `connect()` does not reconnect. */
  Replaced = 4411,
}
