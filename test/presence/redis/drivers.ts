import { Redis as IovalkeyRedis } from 'iovalkey';
import { Redis as IoredisRedis } from 'ioredis';
import { RedisPresenceStore } from '../../../src/presence/redis/index.js';
import { createClient } from 'redis';

/** A store with a client of its own, as an application has one. */
export interface Connection {
  readonly store: RedisPresenceStore;
  /** Sends a command with the client of the application. */
  command(...args: string[]): Promise<unknown>;
  end(): void;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

type Connect = (port: number, login?: Login) => Promise<Connection>;

const PREFIX = { prefix: 'presence' };

/** How an application connects with each driver. */
export const DRIVERS = {
  ioredis: async (port, login) => {
    const client = new IoredisRedis({ port, host: '127.0.0.1', ...login });
    client.on('error', () => {});
    return {
      store: new RedisPresenceStore(client, PREFIX),
      command: (name, ...args) => client.call(name ?? '', args),
      end: () => client.disconnect(),
    };
  },
  iovalkey: async (port, login) => {
    const client = new IovalkeyRedis({ port, host: '127.0.0.1', ...login });
    client.on('error', () => {});
    return {
      store: new RedisPresenceStore(client, PREFIX),
      command: (name, ...args) => client.call(name ?? '', args),
      end: () => client.disconnect(),
    };
  },
  'node-redis': async (port, login) => {
    const client = createClient({ socket: { port, host: '127.0.0.1' }, ...login });
    client.on('error', () => {});
    await client.connect();
    return {
      store: new RedisPresenceStore(client, PREFIX),
      command: (...args) => client.sendCommand(args),
      end: () => client.destroy(),
    };
  },
} satisfies Record<string, Connect>;

export type DriverName = keyof typeof DRIVERS;
export const DRIVER_NAMES = Object.keys(DRIVERS) as DriverName[];
