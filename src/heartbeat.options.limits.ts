/** The fields of a resolved group as options: each can be left out, and the object may be built step by step. */
export type Settable<Group> = { -readonly [Key in keyof Group]?: Group[Key] };

/**
 * A rate limit: a token bucket.
 *
 * @publicApi
 */
export interface RateLimit {
  /** The sustained rate, per second. */
  readonly rate: number;
  /** The number allowed at once. */
  readonly burst: number;
}

/**
 * How many bytes may wait in the socket of one client, and the defaults. A client that exceeds them is a slow consumer,
 * and is terminated.
 *
 * @publicApi
 */
export class BacklogLimit {
  /**
   * More than this may wait for at most `timeout` while the kernel takes no byte. Bytes. Default
   * 1 048 576 (1 MiB).
   */
  readonly stalled: number = 1_048_576;

  /**
   * While more than this waits, it may grow by at most this much above the lowest value since then. One large message
   * to a client that keeps reading is thus within the limit. Bytes, at least `stalled`. Default 16 777 216 (16 MiB).
   */
  readonly max: number = 16_777_216;
}

/**
 * What a client may send, and the defaults. A client that exceeds a limit is closed. `false` turns a limit off.
 *
 * @publicApi
 */
export class HeartbeatLimitValues {
  /** Ping frames from the client. Default 10 per second, 60 at once. */
  readonly pings: RateLimit | false = { rate: 10, burst: 60 };

  /**
   * Pong frames from the client beyond one for each ping of this module. The default is generous, because an
   * application may send pings of its own: 100 per second, 600 at once.
   */
  readonly pongs: RateLimit | false = { rate: 100, burst: 600 };

  /** Heartbeat messages from the client. Default 5 per second, 20 at once. */
  readonly messages: RateLimit | false = { rate: 5, burst: 20 };

  /** Bytes that wait in the socket. */
  readonly backlog: BacklogLimit | false = new BacklogLimit();
}

/**
 * Limits as an option. A limit that is left out is inherited: by a gateway from the module, by the module
 * from the defaults.
 *
 * @publicApi
 */
export interface HeartbeatLimits extends Settable<Omit<HeartbeatLimitValues, 'backlog'>> {
  /** Bytes that wait in the socket; `false` for no limit. Either field can be left out. */
  backlog?: Settable<BacklogLimit> | false;
}
