import { PresenceOptionsError } from '../presence.errors.js';
import type { PresenceMessage, PresenceSession, PresenceStore } from '../presence.store.js';
import { IoredisDriver } from './ioredis.driver.js';
import { NodeRedisDriver } from './node-redis.driver.js';
import type { RedisClient } from './redis.client.js';
import type { RedisDriver } from './redis.driver.js';
import { RedisPresenceSession } from './redis.presence-session.js';

/**
 * Options of `RedisPresenceStore`.
 *
 * @publicApi
 */
export interface RedisPresenceStoreOptions {
  /** Begins the names of all keys and channels, in braces. Default: `presence`. */
  readonly prefix?: string;
}

/**
 * Keeps presence in Redis 7.0 or Valkey 8, or later: standalone, with sentinels, or as a cluster. It uses the client
 * of the application, and opens one connection besides: a duplicate of the client, for subscriptions. It closes this
 * one only. All keys are in one slot of a cluster.
 *
 * @throws PresenceOptionsError for an object that is no such client, or a prefix that is empty or contains braces
 * @publicApi
 */
export class RedisPresenceStore implements PresenceStore {
  private readonly driver: RedisDriver;
  private readonly prefix: string;

  constructor(client: RedisClient, { prefix = 'presence' }: RedisPresenceStoreOptions = {}) {
    if (typeof prefix !== 'string' || !/^[^{}]+$/.test(prefix))
      throw new PresenceOptionsError(
        `RedisPresenceStore: prefix is ${JSON.stringify(prefix)}, and must be a text without braces. ` +
          'The store puts it into braces itself, so that all keys are in one slot of a cluster.',
      );
    this.prefix = prefix;
    this.driver = driverOf(client);
  }

  open(node: string, receive: (message: PresenceMessage) => void): PresenceSession {
    return new RedisPresenceSession(this.driver, this.prefix, node, receive);
  }
}

function driverOf(client: RedisClient): RedisDriver {
  if ('evalSha' in client && typeof client.evalSha === 'function')
    return new NodeRedisDriver(client);
  if ('call' in client && typeof client.call === 'function') return new IoredisDriver(client);
  throw new PresenceOptionsError(
    'RedisPresenceStore: the client is none of node-redis, ioredis or iovalkey. Pass what createClient(), ' +
      'createCluster() or createSentinel() of "redis" returns, or a Redis or Cluster of "ioredis" or "iovalkey".',
  );
}
