/**
 * Keeps the presence of all nodes. `PresenceService` adds deadlines, batches, limits and repair, so a store does none of
 * them: it carries out each call at once, atomically and on its own clock, and rejects when it cannot.
 *
 * @publicApi
 */
export interface PresenceStore {
  /**
   * Opens the session of a node. Returns at once and connects in the background: it throws nothing, and calls made
   * before the connection stands wait or reject.
   *
   * @param node the id of the node, new at every start of an application
   * @param receive takes the messages for this node. It is never called from within a call of the session.
   */
  open(node: string, receive: (message: PresenceMessage) => void): PresenceSession;
}

/**
 * The session of one node. A node writes only its own data. Keys and topics are compared and sorted by their UTF-8 bytes.
 *
 * @publicApi
 */
export interface PresenceSession {
  /**
   * Renews the lease of this node to `lease` ms from now, and drops lease, data and orders of the nodes whose lease
   * ended more than ten times `lease` ago.
   */
  renew(lease: number, draining: boolean): Promise<PresenceRenewal>;
  /**
   * Writes entries of this node, and announces them to the watching nodes. Removals come before puts. A batch whose version is not
   * above the stored one changes nothing. Rejects, and changes nothing, where the stored version is below `after`.
   *
   * For every item with `exclusive` it also stores an order for, and sends it to, every other node that holds the key,
   * whether or not the lease of that node has ended. Such an order has this node as `from`, the holder's version as
   * `upTo` and an id of the store's choice, and stays valid until the holder takes it or is dropped.
   */
  write(batch: PresenceBatch): Promise<void>;
  /** Returns the ids of the nodes that hold the key and whose lease has not ended. */
  find(topic: string, key: string): Promise<string[]>;
  /**
   * Reads the entries of a topic, for each node the first `limit` keys behind `after`. Returns the nodes that have data
   * and whose lease has not ended, including those without an entry in the page. With `node` only that one, and
   * even if its lease has ended.
   */
  read(topic: string, page: PresencePage): Promise<PresenceNodePage[]>;
  /**
   * Counts the distinct keys of a topic on nodes whose lease has not ended. Exact up to 10 000 entries (a key on two
   * nodes has two), above it at least an estimate from 1 000 samples.
   */
  count(topic: string): Promise<number>;
  /**
   * Stores an order for, and sends it to, each node that holds the key, whether or not its lease has ended, with the
   * holder's version as `upTo`. Returns the ids of these nodes; the caller can be one of them. After `validUntil`, in ms
   * on the store's clock, it stores nothing and returns `[]`.
   */
  order(order: PresenceOrder, validUntil: number): Promise<string[]>;
  /** Acknowledges to the node `to` that this node carried out an order and closed `closed` clients. */
  acknowledge(to: string, order: string, closed: number): Promise<void>;
  /** From now on `receive()` also gets `changed`, `rewritten` and `gone` of all other nodes. */
  watch(): Promise<void>;
  /**
   * Removes lease, data and orders of this node in one step, announces it as `gone` to the watching nodes, and ends
   * the session. Calls after it reject.
   */
  close(): Promise<void>;
}

/**
 * What a renewal returns.
 *
 * @publicApi
 */
export interface PresenceRenewal {
  /** The time on the store's clock, in ms. */
  readonly now: number;
  /** Whether the lease of this node had not ended before this renewal. `false` for the first one. */
  readonly held: boolean;
  /** All nodes with a lease or data that are not dropped, this one included, with the state after this renewal. */
  readonly nodes: readonly PresenceNodeState[];
  /** Orders stored for this node. Each is returned once. */
  readonly orders: readonly PresenceOrder[];
}

/**
 * A node as it is stored.
 *
 * @publicApi
 */
export interface PresenceNodeState {
  /** Its id. */
  readonly id: string;
  /** Time until its lease ends, in ms. 0 or less once it ended. */
  readonly leaseLeft: number;
  /** Whether it renewed as draining. */
  readonly draining: boolean;
  /** The version of its last write, which stays when it removes its last entry. Absent if none is stored. */
  readonly version?: number;
  /** How many entries it has, over all topics. Counted from the stored data. */
  readonly keys: number;
  /** How many of them have meta. Counted from the stored data. */
  readonly metas: number;
}

/**
 * Changes of the data of one node.
 *
 * @publicApi
 */
export interface PresenceBatch {
  /** The version of the data after this batch. A node never uses one twice, except for the parts of a rewrite. */
  readonly version: number;
  /**
   * A version of this node's data that the store has confirmed. A store that has a lower one, or none, has lost data, so
   * the changes since would not lead to the right entries. Absent from rewrites.
   */
  readonly after?: number;
  /**
   * Marks the parts of a rewrite, which replaces all data of the node. `first` begins it and discards an unfinished one.
   * `last` makes it visible in one step, announced as `rewritten`. Both can carry entries. The parts of a rewrite have
   * one version, no removals and no `exclusive`; a part without its `first` changes nothing. No other batch comes between.
   */
  readonly part?: 'first' | 'more' | 'last';
  /** Entries to store. One that exists is replaced, with its meta. */
  readonly put: readonly PresenceItem[];
  /** Entries to remove, as topic and key. */
  readonly remove: readonly (readonly [topic: string, key: string])[];
}

/**
 * An entry of a node.
 *
 * @publicApi
 */
export interface PresenceItem {
  /** 1 to 256 bytes of UTF-8, without NUL. */
  readonly topic: string;
  /** 1 to 1 024 bytes of UTF-8. Can contain any character, NUL too. */
  readonly key: string;
  /** JSON, up to 4 096 bytes. */
  readonly meta?: string;
  /** Closes the clients of this key on all other nodes. */
  readonly exclusive?: {
    /** Close code. */
    readonly code: number;
    /** Close reason. */
    readonly reason: string;
  };
}

/**
 * Which entries to read.
 *
 * @publicApi
 */
export interface PresencePage {
  /** Only keys behind this one. */
  readonly after?: string;
  /** How many of each node: 1 to 1 001. */
  readonly limit: number;
  /** Only entries of this node. */
  readonly node?: string;
}

/**
 * The entries of one node in a page, sorted by the UTF-8 bytes of the key.
 *
 * @publicApi
 */
export interface PresenceNodePage {
  /** The id of the node. */
  readonly node: string;
  /** The version of the data that was read. */
  readonly version: number;
  /** Its entries: each key, with the meta if there is one. */
  readonly items: readonly (readonly [key: string, meta?: string])[];
}

/**
 * Orders a node to close its clients of a key.
 *
 * @publicApi
 */
export interface PresenceOrder {
  /** The id of the order, by which it is acknowledged. */
  readonly id: string;
  /** The node that gave the order, and gets the acknowledgement. */
  readonly from: string;
  /** The topic of the key. */
  readonly topic: string;
  /** The key whose clients are closed. */
  readonly key: string;
  /** Close code. */
  readonly code: number;
  /** Close reason. */
  readonly reason: string;
  /** The holder's version when the order was stored: clients that are newer than this stay. Set by the store. */
  readonly upTo?: number;
}

/**
 * A message of the store to a node. Messages can be lost: orders come again with the next renewal, and changes show
 * in its versions.
 *
 * @publicApi
 */
export type PresenceMessage =
  | {
      /** An order for this node. */
      readonly type: 'order';
      /** The order. */
      readonly order: PresenceOrder;
    }
  | {
      /** A node carried out an order of this one. */
      readonly type: 'acknowledged';
      /** The id of the order. */
      readonly order: string;
      /** The id of that node. */
      readonly node: string;
      /** How many clients it closed. */
      readonly closed: number;
    }
  | {
      /** A node closed its session. */
      readonly type: 'gone';
      /** The id of the node. */
      readonly node: string;
    }
  | {
      /** A node wrote a batch. */
      readonly type: 'changed';
      /** The id of the node. */
      readonly node: string;
      /** The version of its data after the batch. */
      readonly version: number;
      /** The stored entries, as topic and key. */
      readonly put: readonly (readonly [topic: string, key: string])[];
      /** The removed entries, as topic and key. */
      readonly remove: readonly (readonly [topic: string, key: string])[];
    }
  | {
      /** A node replaced all its data. */
      readonly type: 'rewritten';
      /** The id of the node. */
      readonly node: string;
      /** The version of its new data. */
      readonly version: number;
    };
