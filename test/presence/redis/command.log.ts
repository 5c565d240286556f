import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';

/** Records the commands that clients send to a server, without those of scripts and those of this record. */
export class CommandLog {
  readonly commands: string[] = [];

  private constructor(
    private readonly client: Redis,
    private readonly monitor: Redis,
    private readonly marker: string,
    private readonly end: Promise<void>,
  ) {}

  static async start(port: number): Promise<CommandLog> {
    const client = new Redis(port);
    await client.ping();
    const monitor = await client.monitor();
    const marker = randomUUID();
    let finish = () => {};
    const end = new Promise<void>((resolve) => (finish = resolve));
    const log = new CommandLog(client, monitor, marker, end);
    monitor.on('monitor', (_time: string, [name = '', first]: string[], source: string) => {
      if (first === marker) finish();
      else if (source !== 'lua') log.commands.push(name.toLowerCase());
    });
    return log;
  }

  /** Ends the record when it has everything that was sent before. */
  async stop(): Promise<string[]> {
    await this.client.echo(this.marker);
    await this.end;
    for (const each of [this.client, this.monitor]) each.disconnect();
    return this.commands;
  }
}
