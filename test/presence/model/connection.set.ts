import { Redis, type RedisOptions } from 'ioredis';

/** The client of one node and the duplicates that the store made of it. */
export class ConnectionSet {
  readonly client: Redis;
  private readonly open = new Set<Redis>();
  private hasEnded = false;

  constructor(port: number) {
    this.client = this.add(new Redis(port));
  }

  /** Ends the connections as a crash of the process does. */
  end(): void {
    this.hasEnded = true;
    // A second time, the driver would wait two seconds.
    for (const client of this.open) client.disconnect();
    this.open.clear();
  }

  private add(client: Redis): Redis {
    const duplicate = client.duplicate.bind(client);
    client.on('error', () => {});
    client.duplicate = (override?: Partial<RedisOptions>) => this.add(duplicate(override));
    this.open.add(client);
    if (this.hasEnded) client.disconnect();
    return client;
  }
}
