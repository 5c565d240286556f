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
 * How much may wait to be sent to one client, in bytes.
 *
 * @publicApi
 */
export interface BufferLimit {
  /** Allowed for at most an `interval` without a completed write. */
  sustained: number;
  /** Allowed for at most a second without a completed write. */
  hard: number;
}

/**
 * What a client may do before it is closed, and the defaults. The options accept any part of it.
 *
 * @publicApi
 */
export class HeartbeatLimitValues {
  /** Ping frames and unsolicited pong frames of the client. Default 10 a second, 60 at once. */
  pings: RateLimit = { rate: 10, burst: 60 };
  /** Heartbeat messages of the client. Default 5 a second, 20 at once. */
  messages: RateLimit = { rate: 5, burst: 20 };
  /** What waits in the send buffer. Default 1 MiB sustained, 16 MiB at once. */
  buffer: BufferLimit = { sustained: 1_048_576, hard: 16_777_216 };
}

/**
 * Limits as an option: what is left out keeps its default.
 *
 * @publicApi
 */
export interface HeartbeatLimits extends Partial<HeartbeatLimitValues> {}

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

  /** Text heartbeats of existing clients and the answer to each, such as `{ ping: 'pong' }`. Default none. */
  textReplies: Record<string, string> = {};

  /** What a client may do before it is closed; `false` for no limits. */
  limits: HeartbeatLimits | false = new HeartbeatLimitValues();

  /**
   * Judge and report, but close nobody: for a first roll-out. Shutdown still drains. Default `false`.
   */
  observeOnly: boolean = false;
}

/**
 * What a gateway may set for itself with `@Heartbeat()`. What is left out is inherited from the module.
 *
 * @publicApi
 */
export interface HeartbeatOptions extends Partial<HeartbeatPolicy> {}

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
  /** Which gateways are guarded: all, or only those with `@Heartbeat()`. Default `'all'`. */
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
  /** Which gateways are guarded. */
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
