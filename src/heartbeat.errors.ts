/**
 * Options are invalid. Thrown at boot, and by methods that take options, such as `update()` and `watch()`. The message
 * names the place, the option and its value, and explains how to fix it.
 *
 * @publicApi
 */
export class HeartbeatOptionsError extends Error {
  /** Identifies the error where `instanceof` fails: between the ESM and the CommonJS copy of this package. */
  readonly code = 'HEARTBEAT_OPTIONS';
  /** The name of the class. */
  override readonly name = 'HeartbeatOptionsError';
}

/**
 * A method of `LivenessService`, or `PresenceService.track()`, was called with a client that was never tracked.
 *
 * @publicApi
 */
export class UnknownClientError extends Error {
  /** Identifies the error where `instanceof` fails: between the ESM and the CommonJS copy of this package. */
  readonly code = 'HEARTBEAT_UNKNOWN_CLIENT';
  /** The name of the class. */
  override readonly name = 'UnknownClientError';

  constructor(method: string, service = 'LivenessService') {
    super(
      `${service}.${method}() was called with a client that is not tracked. Pass the WebSocket that ` +
        'handleConnection() or @ConnectedSocket() gives, and check that its gateway is monitored: it has no ' +
        "@Heartbeat(false), and carries @Heartbeat() where the module is set to gateways: 'decorated'.",
    );
  }
}

/**
 * A client did not answer a `probe()` in time.
 *
 * @publicApi
 */
export class ProbeTimeoutError extends Error {
  /** Identifies the error where `instanceof` fails: between the ESM and the CommonJS copy of this package. */
  readonly code = 'HEARTBEAT_PROBE_TIMEOUT';
  /** The name of the class. */
  override readonly name = 'ProbeTimeoutError';

  constructor(timeout: number) {
    super(
      `The client did not answer a ping within ${timeout} ms. Treat it as unreachable, or allow more time.`,
    );
  }
}

/**
 * `probe()` was called for a client that is disconnected or closing, or the client disconnected before it answered.
 *
 * @publicApi
 */
export class ClientDisconnectedError extends Error {
  /** Identifies the error where `instanceof` fails: between the ESM and the CommonJS copy of this package. */
  readonly code = 'HEARTBEAT_CLIENT_DISCONNECTED';
  /** The name of the class. */
  override readonly name = 'ClientDisconnectedError';

  constructor() {
    super('The client is disconnected or closing, so it cannot be probed. Check isAlive() first.');
  }
}

/**
 * `probe()`, `watch()` or `update()` was called after the application was shut down.
 *
 * @publicApi
 */
export class HeartbeatShutdownError extends Error {
  /** Identifies the error where `instanceof` fails: between the ESM and the CommonJS copy of this package. */
  readonly code = 'HEARTBEAT_SHUTDOWN';
  /** The name of the class. */
  override readonly name = 'HeartbeatShutdownError';

  constructor(method: string) {
    super(
      `LivenessService.${method}() was called after shutdown. Stop the work that calls it in onModuleDestroy().`,
    );
  }
}

/** An error for an argument of a wrong type. */
export function invalidArgument(message: string): TypeError & { readonly code: string } {
  return Object.assign(new TypeError(message), { code: 'HEARTBEAT_INVALID_ARGUMENT' });
}

/** An error for a `HeartbeatGuard` that was created with `new`, so that Nest injected no dependencies. */
export function guardNotInjected(): TypeError & { readonly code: string } {
  return Object.assign(
    new TypeError(
      'This HeartbeatGuard was created with `new`, so Nest injects no dependencies into it. Pass the class: ' +
        '@UseGuards(HeartbeatGuard) on gateways and handlers, or { provide: APP_GUARD, useClass: HeartbeatGuard } among the ' +
        'providers of a module, which Nest 12 applies to all gateways and Nest 11 to none.',
    ),
    { code: 'HEARTBEAT_GUARD_NOT_INJECTED' },
  );
}
