import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { WebSocket } from 'ws';
import type { PresenceNode } from '../heartbeat.presence.interfaces.js';
import { ClientTracker } from './client.tracker.js';
import { DisconnectOrders } from './disconnect.orders.js';
import { LeaseRenewal } from './lease.renewal.js';
import {
  checkDisconnect,
  checkTopic,
  DEFAULT_TOPIC,
  isKey,
  isTopic,
} from './presence.arguments.js';
import type {
  PresenceChange,
  PresenceDisconnectOptions,
  PresenceDisconnectReport,
  PresenceList,
  PresenceListPage,
  PresenceTrackOptions,
} from './presence.interfaces.js';
import { PresenceQueries } from './presence.queries.js';
import { TopicChanges } from './topic.changes.js';

/**
 * Knows which keys, such as user ids, are present on any node: those that a client is tracked under.
 *
 * No promise takes longer than the option `deadline`. Without an answer of the store by then, and for an error of it,
 * promises reject with `PresenceUnavailableError`. A topic that is not a string is a `PresenceInputError`.
 *
 * @publicApi
 */
@Injectable()
export class PresenceService {
  /** @internal */
  constructor(
    private readonly tracker: ClientTracker,
    private readonly queries: PresenceQueries,
    private readonly orders: DisconnectOrders,
    private readonly topics: TopicChanges,
    private readonly renewal: LeaseRenewal,
  ) {}

  /**
   * Whether the store has all clients of this node. `'stale'` at start, and from a failed renewal, or one that finds
   * entries missing, until a renewal has succeeded and everything is written.
   */
  get state(): 'current' | 'stale' {
    return this.renewal.state;
  }

  /**
   * Tracks a client under a key, until it disconnects. It has one key in each topic: a second one replaces the first.
   * Never waits for the store; the key is visible everywhere within 5 ms and two round trips.
   *
   * @returns `false`, with a warning at most every ten seconds, for a key that is not a string of 1 to 1 024 bytes, a
   * topic that has not 1 to 256 bytes or has NUL, a lone surrogate in either, and meta of more than 4 096 bytes of JSON.
   * `false` without a warning for a client that is disconnected or being closed, and after shutdown
   * @throws PresenceInputError for a topic that is not a string, an unknown option, meta that JSON cannot express, and a
   * close code or reason that no close frame can carry
   * @throws UnknownClientError for a client that was never tracked by `HeartbeatModule`
   */
  track(client: WebSocket, key: string, options: PresenceTrackOptions = {}): boolean {
    return this.tracker.track(client, key, options);
  }

  /**
   * Stops tracking a client under a topic, or under all. Does nothing for one that is not tracked.
   *
   * @throws PresenceInputError for a topic that is not a string
   */
  untrack(client: WebSocket, topic?: string): void {
    this.tracker.untrack(client, topic);
  }

  /**
   * Whether a key is present. Keys of this node are, without asking the store.
   *
   * @throws PresenceUnavailableError (rejects) if the store does not answer
   */
  async isPresent(key: string, topic: string = DEFAULT_TOPIC): Promise<boolean> {
    return this.queries.isPresent(key, topic);
  }

  /**
   * The present keys of a topic, page by page, sorted by their UTF-8 bytes. A key that is present throughout is in
   * exactly one page.
   *
   * @throws PresenceInputError (rejects) for a `limit` that is not from 1 to 1 000, and for an unknown `cursor`
   * @throws PresenceUnavailableError (rejects) if the store does not answer
   */
  async list(topic: string = DEFAULT_TOPIC, page: PresenceListPage = {}): Promise<PresenceList> {
    return this.queries.list(topic, page);
  }

  /**
   * How many keys are present in a topic. Exact up to 10 000 entries (a key on two nodes has two); above it stores may
   * estimate, with a standard error of at most 1 %.
   *
   * @throws PresenceUnavailableError (rejects) if the store does not answer
   */
  async count(topic: string = DEFAULT_TOPIC): Promise<number> {
    return this.queries.count(topic);
  }

  /**
   * The nodes whose lease has not ended.
   *
   * @throws PresenceUnavailableError (rejects) if the store does not answer
   */
  async nodes(): Promise<PresenceNode[]> {
    return this.queries.nodes();
  }

  /**
   * How the present keys of a topic change, from the subscription on: subscribe, then call `list()`, and no change falls
   * between. At most ten emissions a second. `left` comes the option `linger` after the last client of a key is gone,
   * and not if the key came back by then. A store that is away makes no key leave. Completes on shutdown.
   *
   * @throws PresenceInputError for a topic that is not a string
   */
  changes(topic: string = DEFAULT_TOPIC): Observable<PresenceChange> {
    checkTopic('changes()', topic);
    return this.topics.observe(topic);
  }

  /**
   * Closes the clients of a key on all nodes. Clients that are tracked after the call stay. A call that rejects is not
   * carried out later.
   *
   * @throws PresenceInputError (rejects) for a code or reason that no close frame can carry, and an unknown option
   * @throws PresenceUnavailableError (rejects) if the store does not answer
   */
  async disconnect(
    key: string,
    options: PresenceDisconnectOptions = {},
  ): Promise<PresenceDisconnectReport> {
    const { topic, ...frame } = checkDisconnect(options);
    if (!isKey(key) || !isTopic(topic)) return { closed: 0, pending: [] };
    return this.orders.give(topic, key, frame);
  }
}
