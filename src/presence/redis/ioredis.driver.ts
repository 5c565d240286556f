import type { IoredisClient, IoredisSubscriber } from './redis.client.js';
import type { RedisDriver, RedisSubscriber, SubscriberEvents } from './redis.driver.js';

/** Options of ioredis that channels do not know. */
interface IoredisOptions {
  readonly db?: number;
  readonly keyPrefix?: string;
}

/** ioredis and iovalkey. */
export class IoredisDriver implements RedisDriver {
  readonly scope: string;

  constructor(private readonly client: IoredisClient & { options?: IoredisOptions }) {
    const { db = 0, keyPrefix = '' } = client.options ?? {};
    this.scope = `${db}:${keyPrefix}`;
  }

  evalSha(sha: string, key: string, args: string[]): Promise<unknown> {
    return this.client.call('EVALSHA', [sha, '1', key, ...args]);
  }

  eval(script: string, key: string, args: string[]): Promise<unknown> {
    return this.client.call('EVAL', [script, '1', key, ...args]);
  }

  subscriber(events: SubscriberEvents): RedisSubscriber {
    return new IoredisSubscription(this.client.duplicate(), events);
  }
}

class IoredisSubscription implements RedisSubscriber {
  constructor(
    private readonly duplicate: IoredisSubscriber,
    events: SubscriberEvents,
  ) {
    // The client of the application reports a lost connection.
    duplicate.on('error', () => {});
    duplicate.on('ready', () => events.onReady());
    duplicate.on('message', (_channel, message) => events.onMessage(message ?? ''));
  }

  hasEnded(): boolean {
    return this.duplicate.status === 'end';
  }

  async subscribe(channel: string): Promise<void> {
    await this.duplicate.subscribe(channel);
  }

  close(): void {
    // It would wait two seconds for a connection that is closed already.
    if (!this.hasEnded()) this.duplicate.disconnect();
  }
}
