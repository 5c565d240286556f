import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import {
  HeartbeatLimitValues,
  type HeartbeatLimits,
  type Settable,
} from './heartbeat.options.limits.js';

export {
  BacklogLimit,
  HeartbeatLimitValues,
  type HeartbeatLimits,
  type RateLimit,
} from './heartbeat.options.limits.js';

/**
 * How far the hello of a client may shorten its `interval` and `timeout`, and the defaults. Milliseconds.
 *
 * @publicApi
 */
export class NegotiationPolicy {
  /** The shortest `interval` that a client can request. Default 5 000. */
  readonly minInterval: number = 5_000;

  /** The shortest `timeout` that a client can request. Must be larger than `minInterval`. Default 10 000. */
  readonly minTimeout: number = 10_000;
}

/**
 * A function that recognises the heartbeats of existing clients. It is called with every message that is no
 * heartbeat message of this module. Its arguments are the bytes of the message and whether it was sent as binary. The
 * application receives the same memory, so the function must not write to it.
 *
 * It returns the reply, which is sent as text or, for bytes, as binary; `true` for a heartbeat without a reply; or
 * `undefined` for a message that is no heartbeat. Errors that it throws are logged.
 *
 * @publicApi
 */
export type ClientHeartbeatFunction = (
  message: Buffer,
  isBinary: boolean,
) => string | Uint8Array | true | undefined;

/**
 * The options of a gateway, and their defaults. Times are milliseconds.
 *
 * @publicApi
 */
export class HeartbeatPolicy {
  /**
   * A connection is pinged before either direction has been silent for longer than this. Both directions count,
   * because proxies close connections on which either side is silent. Default 25 000, below the 60 s of nginx and AWS
   * load balancers and the 55 s of Heroku.
   */
  readonly interval: number = 25_000;

  /**
   * A client is evicted after this time without a sign of life: never earlier, at most 10 % and one tick later. Must be
   * larger than `interval`. Default 45 000.
   */
  readonly timeout: number = 45_000;

  /**
   * What counts as a sign of life: `'transport'`, any byte from the client; `'application'`, only messages, because
   * browsers answer ping frames for pages that are frozen. Default `'transport'`.
   */
  readonly liveness: 'transport' | 'application' = 'transport';

  /**
   * A client is closed with 4409 after this time without an application message. Heartbeats do not count. Default
   * `false`: never.
   */
  readonly idleTimeout: number | false = false;

  /**
   * A connection of this age is closed with 1012, so that the client reconnects. Each connection is closed up to 10 %
   * earlier, so that clients that connected together do not reconnect together. Default `false`: never.
   */
  readonly maxLifetime: number | false = false;

  /**
   * A client is closed with 3000 if the application does not `admit()` it within this time after it connects. Default
   * `false`: clients need not be admitted.
   */
  readonly admissionTimeout: number | false = false;

  /** The event that is reserved for heartbeat messages; `false` for no heartbeat messages. Default `'heartbeat'`. */
  readonly event: string | false = 'heartbeat';

  /**
   * A connection in the closing handshake, whichever side began it, is terminated after this time in which none of its
   * outgoing bytes was taken by the kernel. Default 5 000.
   */
  readonly closeTimeout: number = 5_000;

  /**
   * Heartbeats of existing clients: a map of exact text messages to the reply to each, such as
   * `{ ping: 'pong' }`, or a function of the message. Default none.
   */
  readonly clientHeartbeats: Record<string, string> | ClientHeartbeatFunction = {};

  /**
   * How far the hello of a client may shorten its `interval` and `timeout`; `false`: not at all.
   * Default 5 000 and 10 000.
   */
  readonly negotiation: NegotiationPolicy | false = new NegotiationPolicy();

  /** What a client may send before it is closed; `false` for no limits. */
  readonly limits: HeartbeatLimitValues | false = new HeartbeatLimitValues();

  /**
   * Dry run: report evictions without closing connections. Shutdown still drains. Default `false`.
   */
  readonly dryRun: boolean = false;
}

/**
 * The options of `@Heartbeat()`. Options that are left out are inherited from the module.
 *
 * @publicApi
 */
export interface HeartbeatOptions extends Settable<
  Omit<HeartbeatPolicy, 'negotiation' | 'limits'>
> {
  /** How far the hello of a client may shorten its times; `false`: not at all. Either part can be left out. */
  negotiation?: Settable<NegotiationPolicy> | false;
  /** What a client may send before it is closed; `false` for no limits. Limits are inherited one by one. */
  limits?: HeartbeatLimits | false;
}

/**
 * How clients are closed on shutdown, and the default.
 *
 * @publicApi
 */
export class DrainPolicy {
  /**
   * The window, in ms, over which clients are closed with 1012, evenly spread. It is at most 50 ms for each client.
   * 0 closes all at once. Default 10 000.
   */
  readonly within: number = 10_000;
}

/**
 * How clients are closed on shutdown, as an option.
 *
 * @publicApi
 */
export interface DrainOptions extends Settable<DrainPolicy> {}

/**
 * The options of `HeartbeatModule.forRoot()`: defaults for every gateway, and options of the whole module.
 *
 * @publicApi
 */
export interface HeartbeatModuleOptions extends HeartbeatOptions {
  /** Which gateways are monitored: all, or only those with `@Heartbeat()`. Default `'all'`. */
  gateways?: 'all' | 'decorated';
  /**
   * How clients are closed on shutdown; `false` disables draining, so that Nest terminates all clients. Default
   * `{ within: 10_000 }`.
   */
  drain?: DrainOptions | false;
  /** How many closed connections `LivenessService.history()` remembers; 0: none. Default 1 000. */
  history?: number;
}

/**
 * The module's options with all defaults, as `@InjectHeartbeatOptions()` injects them.
 *
 * @publicApi
 */
export interface ResolvedHeartbeatOptions extends HeartbeatPolicy {
  /** Which gateways are monitored. */
  readonly gateways: 'all' | 'decorated';
  /** How clients are closed on shutdown; `false`: Nest terminates them. */
  readonly drain: DrainPolicy | false;
  /** How many closed connections are remembered. */
  readonly history: number;
}

/**
 * A class that creates the module's options, for `forRootAsync({ useClass })` or `useExisting`.
 *
 * @publicApi
 */
export interface HeartbeatOptionsFactory {
  /** Returns the options, or a promise of them. */
  createHeartbeatOptions(): HeartbeatModuleOptions | Promise<HeartbeatModuleOptions>;
}

/**
 * Options of `HeartbeatModule.forRootAsync()`: one of `useFactory` (with `inject`), `useClass` and
 * `useExisting`, and the `imports` that it needs.
 *
 * @publicApi
 */
export interface HeartbeatModuleAsyncOptions extends ConfigurableModuleAsyncOptions<
  HeartbeatModuleOptions,
  'createHeartbeatOptions'
> {}
