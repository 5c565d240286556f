import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';

/**
 * How often something may happen: a token bucket.
 *
 * @publicApi
 */
export interface RateLimit {
  /** Times a second that are allowed for ever. */
  rate: number;
  /** Times that are allowed at once. */
  burst: number;
}

/**
 * How many bytes may wait in the socket of one client, and the defaults. More makes it a slow consumer,
 * which is terminated.
 *
 * @publicApi
 */
export class BacklogLimit {
  /**
   * More than this may wait for at most `timeout` without a byte taken by the kernel. Bytes. Default
   * 1 048 576 (1 MiB).
   */
  stalled: number = 1_048_576;

  /**
   * Where more than this waits, it may grow by at most this much again above the least since then, so
   * that one large message to a client that keeps reading is no fault. Bytes, at least `stalled`.
   * Default 16 777 216 (16 MiB).
   */
  max: number = 16_777_216;
}

/**
 * What a client may do before it is closed, and the defaults. Each limit can be `false`: none.
 *
 * @publicApi
 */
export class HeartbeatLimitValues {
  /** Ping frames from the client. Default 10 a second, 60 at once. */
  pings: RateLimit | false = { rate: 10, burst: 60 };

  /**
   * Pong frames from the client beyond one for each ping of this module. Generous, because an
   * application may send pings of its own. Default 100 a second, 600 at once.
   */
  pongs: RateLimit | false = { rate: 100, burst: 600 };

  /** Heartbeat messages from the client. Default 5 a second, 20 at once. */
  messages: RateLimit | false = { rate: 5, burst: 20 };

  /** Bytes that wait in the socket. */
  backlog: BacklogLimit | false = new BacklogLimit();
}

/**
 * Limits as an option. A limit that is left out is inherited: by a gateway from the module, by the module
 * from the defaults.
 *
 * @publicApi
 */
export interface HeartbeatLimits extends Partial<Omit<HeartbeatLimitValues, 'backlog'>> {
  /** Bytes that wait in the socket; `false` for no limit. Either part can be left out. */
  backlog?: Partial<BacklogLimit> | false;
}

/**
 * How far the hello of a client may shorten its times, and the defaults. Milliseconds.
 *
 * @publicApi
 */
export class NegotiationPolicy {
  /** The shortest `interval` that a client can request. Default 5 000. */
  minInterval: number = 5_000;

  /** The shortest `timeout` that a client can request. Must be larger than `minInterval`. Default 10 000. */
  minTimeout: number = 10_000;
}

/**
 * A function that recognises the heartbeats of existing clients. It is called with every message that is no
 * heartbeat message of this module: with its bytes, and whether it was sent as binary. The same memory
 * is passed on to the application, so the function must not write to it.
 *
 * It returns the reply, sent as text or, for bytes, as binary; `true` for a heartbeat without a reply; or
 * `undefined` for a message that is no heartbeat.
 *
 * @publicApi
 */
export type ClientHeartbeatFunction = (
  message: Buffer,
  isBinary: boolean,
) => string | Uint8Array | true | undefined;

/**
 * Everything that can be set for a gateway, and the defaults. Times are milliseconds.
 *
 * @publicApi
 */
export class HeartbeatPolicy {
  /**
   * A connection on which either direction was silent this long is pinged. Either, because proxies
   * close connections whose *server* side is silent too. Default 25 000, well below the 60 s of nginx
   * and AWS load balancers and the 55 s of Heroku.
   */
  interval: number = 25_000;

  /**
   * A client from which nothing was heard this long is dead. Never judged sooner; at most 10 % and one
   * tick later. Must be larger than `interval`. Default 45 000.
   */
  timeout: number = 45_000;

  /**
   * What counts as a sign of life: `'transport'`, any byte from the peer; `'application'`, messages
   * only, because browsers answer pings for pages that are frozen. Default `'transport'`.
   */
  liveness: 'transport' | 'application' = 'transport';

  /**
   * A client that sent no *application* message for this long is closed with 4409. Heartbeats do not
   * count. Default `false`: never.
   */
  idleTimeout: number | false = false;

  /**
   * A connection of this age is closed with 1012, so that the client reconnects; each connection up to
   * 10 % earlier, so that those who came together do not leave together. Default `false`: never.
   */
  maxLifetime: number | false = false;

  /**
   * A client that the application did not `admit()` within this time of connecting is closed with
   * 3000. Default `false`: nobody needs to be admitted.
   */
  admissionTimeout: number | false = false;

  /** The reserved event of heartbeat messages; `false` for none. Default `'heartbeat'`. */
  event: string | false = 'heartbeat';

  /**
   * How long a closing handshake may last, whichever side began it, while none of our outgoing bytes is
   * taken; then the connection is terminated. Default 5 000.
   */
  closeTimeout: number = 5_000;

  /**
   * Heartbeats of existing clients: a map of exact text messages to the reply to each, such as
   * `{ ping: 'pong' }`, or a function of the message. Default none.
   */
  clientHeartbeats: Record<string, string> | ClientHeartbeatFunction = {};

  /**
   * How far the hello of a client may shorten its `interval` and `timeout`; `false`: not at all.
   * Default 5 000 and 10 000.
   */
  negotiation: NegotiationPolicy | false = new NegotiationPolicy();

  /** What a client may do before it is closed; `false` for no limits. */
  limits: HeartbeatLimitValues | false = new HeartbeatLimitValues();

  /**
   * Judge and report, but close nobody: for a first roll-out. Shutdown still drains. Default `false`.
   */
  dryRun: boolean = false;
}

/**
 * What a gateway may set for itself with `@Heartbeat()`. What is left out is inherited from the module.
 *
 * @publicApi
 */
export interface HeartbeatOptions extends Partial<Omit<HeartbeatPolicy, 'negotiation' | 'limits'>> {
  /** How far the hello of a client may shorten its times; `false`: not at all. Either part can be left out. */
  negotiation?: Partial<NegotiationPolicy> | false;
  /** What a client may do before it is closed; `false` for no limits. Limits are inherited one by one. */
  limits?: HeartbeatLimits | false;
}

/**
 * How clients leave on shutdown, and the default.
 *
 * @publicApi
 */
export class DrainPolicy {
  /**
   * The window, in ms, over which clients are closed with 1012, evenly spread; less where there are
   * fewer than one in 50 ms. 0 closes all at once. Default 10 000.
   */
  within: number = 10_000;
}

/**
 * How clients leave on shutdown, as an option.
 *
 * @publicApi
 */
export interface DrainOptions extends Partial<DrainPolicy> {}

/**
 * Options of `HeartbeatModule.forRoot()`: those of every gateway, and those of the module alone.
 *
 * @publicApi
 */
export interface HeartbeatModuleOptions extends HeartbeatOptions {
  /** Which gateways are monitored: all, or only those with `@Heartbeat()`. Default `'all'`. */
  gateways?: 'all' | 'decorated';
  /**
   * How clients leave on shutdown; `false` leaves them to Nest, which terminates them all at once.
   * Default `{ within: 10_000 }`.
   */
  drain?: DrainOptions | false;
}

/**
 * The module's options with nothing left open: what `@InjectHeartbeatOptions()` injects.
 *
 * @publicApi
 */
export interface ResolvedHeartbeatOptions extends HeartbeatPolicy {
  /** Which gateways are monitored. */
  gateways: 'all' | 'decorated';
  /** How clients leave on shutdown. */
  drain: DrainPolicy | false;
}

/**
 * A class that makes the module's options, for `forRootAsync({ useClass })` or `useExisting`.
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
