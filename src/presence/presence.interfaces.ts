/**
 * Options of `PresenceService.track()`.
 *
 * @publicApi
 */
export interface PresenceTrackOptions {
  /** What the key is present in, such as a room. 1 to 256 bytes of UTF-8, without NUL. Default `'online'`. */
  readonly topic?: string;
  /** What `list()` shows beside the key. At most 4 096 bytes of JSON. */
  readonly meta?: unknown;
  /**
   * Closes all older clients of this key and topic, on all nodes. Default `false`. `true` closes them with 4411 and the
   * reason `'replaced'`.
   */
  readonly exclusive?:
    | boolean
    | {
        /** Close code. Default 4411. */
        readonly code?: number;
        /** Close reason. Default `'replaced'`. */
        readonly reason?: string;
      };
}

/**
 * Options of `PresenceService.disconnect()`.
 *
 * @publicApi
 */
export interface PresenceDisconnectOptions {
  /** Only clients that are tracked under this topic. Default `'online'`. */
  readonly topic?: string;
  /** Close code. Default 1000. */
  readonly code?: number;
  /** Close reason, at most 123 bytes of UTF-8. Default none. */
  readonly reason?: string;
}

/**
 * The result of `PresenceService.disconnect()`.
 *
 * @publicApi
 */
export interface PresenceDisconnectReport {
  /** How many clients were closed, as confirmed by the deadline. */
  readonly closed: number;
  /** Ids of nodes that hold the key and did not answer. They carry out the order with their next renewal. */
  readonly pending: string[];
}

/**
 * Which part of a topic `PresenceService.list()` returns.
 *
 * @publicApi
 */
export interface PresenceListPage {
  /** The number of keys, 1 to 1 000. Default 100. */
  readonly limit?: number;
  /** The `cursor` of the page before. */
  readonly cursor?: string;
}

/**
 * A page of `PresenceService.list()`.
 *
 * @publicApi
 */
export interface PresenceList {
  /** The keys, sorted by their UTF-8 bytes. */
  readonly entries: PresenceEntry[];
  /** Returns the next page. Absent on the last one. */
  readonly cursor?: string;
}

/**
 * A present key.
 *
 * @publicApi
 */
export interface PresenceEntry {
  /** The key. */
  readonly key: string;
  /** The nodes that its clients are connected to. */
  readonly on: readonly {
    /** The id of the node. */
    readonly node: string;
    /** The meta of the client that was tracked last on this node; absent if it has none. */
    readonly meta?: unknown;
  }[];
}

/**
 * How the present keys of a topic changed. For each key, `joined` and `left` alternate.
 *
 * @publicApi
 */
export interface PresenceChange {
  /** The topic. */
  readonly topic: string;
  /** Keys that are present now. At most 1 000. */
  readonly joined: readonly string[];
  /** Keys that are no longer present, on any node. At most 1 000. */
  readonly left: readonly string[];
}
