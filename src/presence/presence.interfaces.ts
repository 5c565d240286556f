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
  readonly exclusive?: boolean | { readonly code?: number; readonly reason?: string };
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
  /** The ids of the nodes that its clients are connected to, with the meta of the client tracked last on each. */
  readonly on: readonly { readonly node: string; readonly meta?: unknown }[];
}

/**
 * A running application.
 *
 * @publicApi
 */
export interface PresenceNode {
  /** Its id: the option `node` and a random suffix, new at every start. */
  readonly id: string;
  /** Whether it is this one. */
  readonly self: boolean;
  /** Whether it is shutting down or draining. */
  readonly draining: boolean;
  /** How many keys it holds, over all topics. */
  readonly keys: number;
  /** Time until its lease ends unless it renews it, in ms. */
  readonly leaseLeft: number;
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
