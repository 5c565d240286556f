import { Redis as IovalkeyRedis } from 'iovalkey';
import { Redis as IoredisRedis } from 'ioredis';
import {
  type PresenceSession,
  type PresenceStore,
  type RedisClient,
  RedisPresenceStore,
} from 'nestjs-heartbeat/presence';
import { createClient } from 'redis';

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** A client of an application. */
export interface Client {
  readonly client: RedisClient;
  /** Sends a command. */
  command(name: string, ...args: string[]): Promise<unknown>;
  disconnect(): void;
}

type Connect = (port: number, login?: Login) => Client;

/** How an application connects with each driver. */
const CLIENTS = {
  ioredis: (port, login) => {
    const client = new IoredisRedis({ port, host: '127.0.0.1', ...login });
    client.on('error', () => {});
    const command = (name: string, ...args: string[]) => client.call(name, args);
    return { client, command, disconnect: () => client.disconnect() };
  },
  iovalkey: (port, login) => {
    const client = new IovalkeyRedis({ port, host: '127.0.0.1', ...login });
    client.on('error', () => {});
    const command = (name: string, ...args: string[]) => client.call(name, args);
    return { client, command, disconnect: () => client.disconnect() };
  },
  'node-redis': (port, login) => {
    const client = createClient({ socket: { port, host: '127.0.0.1' }, ...login });
    client.on('error', () => {});
    client.connect().catch(() => {});
    const command = (...args: string[]) => client.sendCommand(args);
    return { client, command, disconnect: () => client.destroy() };
  },
} satisfies Record<string, Connect>;

export type DriverName = keyof typeof CLIENTS;
export const DRIVER_NAMES = Object.keys(CLIENTS) as DriverName[];

const open = new Set<Connection>();

/** An application with a client and a store that uses it. */
export class Connection {
  readonly store: PresenceStore;
  readonly command: Client['command'];
  private readonly sessions: PresenceSession[] = [];

  constructor(private readonly client: Client) {
    const store = new RedisPresenceStore(client.client);
    this.command = client.command;
    this.store = {
      open: (node, receive) => {
        const session = store.open(node, receive);
        this.sessions.push(session);
        return session;
      },
    };
    open.add(this);
  }

  static to(port: number, driver: DriverName = 'ioredis', login?: Login): Connection {
    return new Connection(CLIENTS[driver](port, login));
  }

  /** Closes what it opened, without waiting for the store. */
  end(): void {
    open.delete(this);
    for (const session of this.sessions) session.close().catch(() => {});
    this.client.disconnect();
  }
}

/** Ends all connections. For `afterEach()`. */
export function endConnections(): void {
  for (const connection of open) connection.end();
}
