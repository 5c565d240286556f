import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { RedisServer, stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { presenceStoreConformance } from 'nestjs-heartbeat/testing';
import { until } from '../presence.node.js';
import { type Client, Connection, endConnections } from './drivers.js';

const CLIENTS: Record<string, (ports: number[]) => Promise<Client>> = {
  ioredis: async (ports) => {
    const client = new Cluster(ports.map((port) => ({ port, host: '127.0.0.1' })));
    client.on('error', () => {});
    const command = (name: string, ...args: string[]) => client.call(name, args);
    return { client, command, disconnect: () => client.disconnect() };
  },
  'node-redis': async (ports) => {
    const client = createCluster({
      rootNodes: ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })),
    });
    client.on('error', () => {});
    await client.connect();
    const command = (...args: string[]) => client.sendCommand(undefined, false, args);
    return { client, command, disconnect: () => client.destroy() };
  },
};

requires('redis-server')('RedisPresenceStore in a cluster of three', () => {
  let ports: number[];
  beforeAll(async () => {
    const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '5000'];
    const servers = [];
    for (let count = 0; count < 3; count++) servers.push(await RedisServer.start(...options));
    ports = servers.map(({ port }) => port);
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    const create = ['--cluster', 'create', ...addresses, '--cluster-yes'];
    execFileSync('redis-cli', create, { stdio: 'ignore' });
    await until(() => ports.every((port) => cli(port, 'CLUSTER', 'INFO').includes('state:ok')));
  });
  afterEach(endConnections);
  afterAll(stopRedis);

  describe.each(Object.entries(CLIENTS))('with %s', (_, connect) => {
    const cases = presenceStoreConformance(async () => {
      for (const port of ports) cli(port, 'FLUSHALL');
      const connection = new Connection(await connect(ports));
      return { store: connection.store, close: () => connection.end() };
    });
    it.each(cases)('$name', ({ run }) => run());
  });
});

function cli(port: number, ...args: string[]): string {
  return execFileSync('redis-cli', ['-p', `${port}`, ...args], { encoding: 'utf8' });
}
