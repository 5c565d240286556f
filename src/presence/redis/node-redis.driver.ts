import type {
  MessageListener,
  NodeRedisClient,
  NodeRedisSentinel,
  NodeRedisSubscriber,
} from './redis.client.js';
import type { RedisDriver, RedisSubscriber, SubscriberEvents } from './redis.driver.js';

/** Options of node-redis that channels do not know. */
interface NodeRedisOptions {
  readonly database?: number;
  readonly keyPrefix?: string;
}

/** node-redis. */
export class NodeRedisDriver implements RedisDriver {
  readonly scope: string;

  constructor(
    private readonly client: (NodeRedisClient | NodeRedisSentinel) & { options?: NodeRedisOptions },
  ) {
    const { database = 0, keyPrefix = '' } = client.options ?? {};
    this.scope = `${database}:${keyPrefix}`;
  }

  evalSha(sha: string, key: string, args: string[]): Promise<unknown> {
    return this.client.evalSha(sha, { keys: [key], arguments: args });
  }

  eval(script: string, key: string, args: string[]): Promise<unknown> {
    return this.client.eval(script, { keys: [key], arguments: args });
  }

  subscriber(events: SubscriberEvents): RedisSubscriber {
    return 'duplicate' in this.client
      ? new DuplicateSubscription(this.client.duplicate(), events)
      : new SentinelSubscription(this.client, events);
  }
}

class DuplicateSubscription implements RedisSubscriber {
  private readonly connected: Promise<unknown>;

  constructor(
    private readonly duplicate: NodeRedisSubscriber,
    private readonly events: SubscriberEvents,
  ) {
    // The client of the application reports a lost connection.
    duplicate.on('error', () => {});
    duplicate.on('ready', () => events.onReady());
    this.connected = duplicate.connect();
    this.connected.catch(() => {});
  }

  hasEnded(): boolean {
    return !this.duplicate.isOpen;
  }

  async subscribe(channel: string): Promise<void> {
    await this.connected;
    await this.duplicate.subscribe(channel, (message) => this.events.onMessage(String(message)));
  }

  close(): void {
    if (this.duplicate.isOpen) this.duplicate.destroy();
  }
}

class SentinelSubscription implements RedisSubscriber {
  private readonly channels: string[] = [];
  private readonly listener: MessageListener;

  constructor(
    private readonly client: NodeRedisSentinel,
    events: SubscriberEvents,
  ) {
    this.listener = (message) => events.onMessage(String(message));
  }

  hasEnded(): boolean {
    return false;
  }

  async subscribe(channel: string): Promise<void> {
    await this.client.subscribe(channel, this.listener);
    this.channels.push(channel);
  }

  close(): void {
    for (const channel of this.channels)
      this.client.unsubscribe(channel, this.listener).catch(() => {});
  }
}
