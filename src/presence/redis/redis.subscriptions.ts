import type { RedisDriver, RedisSubscriber } from './redis.driver.js';

/**
 * The subscriptions of a session, on one connection of their own. The driver restores them when it reconnects. Where
 * it has given up, `restore()` opens a new connection.
 */
export class RedisSubscriptions {
  private subscriber: RedisSubscriber | undefined;
  /** Wanted channels, and the subscription of each on the present connection. */
  private readonly channels = new Map<string, Promise<void> | undefined>();
  private isClosed = false;

  constructor(
    private readonly driver: RedisDriver,
    private readonly onMessage: (message: string) => void,
  ) {}

  /** Subscribes a channel. Rejects if the store did not accept it; `restore()` tries again. */
  subscribe(channel: string): Promise<void> {
    if (!this.channels.has(channel)) this.channels.set(channel, undefined);
    this.restore();
    return this.channels.get(channel) ?? Promise.reject(new Error('The subscription failed.'));
  }

  /** Subscribes what is wanted and not subscribed. */
  restore(): void {
    if (this.isClosed) return;
    if (this.subscriber?.hasEnded() === true) this.drop();
    this.subscriber ??= this.connect();
    if (this.subscriber === undefined) return;
    for (const [channel, subscription] of this.channels)
      if (subscription === undefined) this.start(this.subscriber, channel);
  }

  close(): void {
    this.isClosed = true;
    this.drop();
  }

  private connect(): RedisSubscriber | undefined {
    try {
      return this.driver.subscriber({
        onMessage: this.onMessage,
        onReady: () => this.restore(),
      });
    } catch {
      return undefined;
    }
  }

  private start(subscriber: RedisSubscriber, channel: string): void {
    const subscription = subscriber.subscribe(channel);
    this.channels.set(channel, subscription);
    subscription.catch(() => {
      if (this.channels.get(channel) === subscription) this.channels.set(channel, undefined);
    });
  }

  private drop(): void {
    this.subscriber?.close();
    this.subscriber = undefined;
    for (const channel of this.channels.keys()) this.channels.set(channel, undefined);
  }
}
