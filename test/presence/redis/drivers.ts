import { Redis as Ioredis5 } from 'ioredis';
import { Redis as Ioredis6 } from 'ioredis-6';
import { Redis as Iovalkey } from 'iovalkey';
import {
  type PresenceSession,
  type PresenceStore,
  type RedisClient,
  RedisPresenceStore,
} from 'nestjs-heartbeat/presence';
import { createClient as createClient5 } from 'redis';
import { createClient as createClient6 } from 'redis-6';

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

/** What a client has, whichever driver it is of. */
interface DriverClient {
  on(event: 'error', listener: () => void): unknown;
}

type Ioredis = RedisClient &
  DriverClient & {
    call(name: string, args: string[]): Promise<unknown>;
    disconnect(): void;
  };

function ofIoredis(client: Ioredis): Client {
  client.on('error', () => {});
  const command = (name: string, ...args: string[]) => client.call(name, args);
  return { client, command, disconnect: () => client.disconnect() };
}

type NodeRedis = RedisClient &
  DriverClient & {
    connect(): Promise<unknown>;
    sendCommand(args: string[]): Promise<unknown>;
    destroy(): void;
  };

function ofNodeRedis(client: NodeRedis): Client {
  client.on('error', () => {});
  client.connect().catch(() => {});
  const command = (...args: string[]) => client.sendCommand(args);
  return { client, command, disconnect: () => client.destroy() };
}

const HOST = '127.0.0.1';

/** How an application connects with each driver. */
const CLIENTS = {
  'ioredis 5': (port, login) => ofIoredis(new Ioredis5({ port, host: HOST, ...login })),
  'ioredis 6': (port, login) => ofIoredis(new Ioredis6({ port, host: HOST, ...login })),
  iovalkey: (port, login) => ofIoredis(new Iovalkey({ port, host: HOST, ...login })),
  'node-redis 5': (port, login) =>
    ofNodeRedis(createClient5({ socket: { port, host: HOST }, ...login })),
  'node-redis 6': (port, login) =>
    ofNodeRedis(createClient6({ socket: { port, host: HOST }, ...login })),
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

  static to(port: number, driver: DriverName = 'ioredis 5', login?: Login): Connection {
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
