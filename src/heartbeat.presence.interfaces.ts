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

/** What other modules read of `PresenceModule`, at the token `PRESENCE_STATE`. */
export interface PresenceState {
  /** Whether the store has all clients of this node. */
  readonly state: 'current' | 'stale';
  /** The id of this node. */
  readonly node: string;
  /** The running nodes, as the last renewal of this one found them. */
  readonly nodes: readonly PresenceNode[];
}
