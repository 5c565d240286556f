import { Redis } from 'ioredis';
import { createClient } from 'redis';

const CONNECT = {
  ioredis: (options) => new Redis(options),
  'node-redis': ({ host, port }) => {
    const client = createClient({ socket: { host, port } });
    client.connect().catch(() => {});
    return client;
  },
};

/** Connects to Redis. Counts the commands that are not answered, and when the connection was ready. */
export function connectRedis(driver, server) {
  const client = CONNECT[driver](server);
  let [unanswered, most, readyAt] = [0, 0, 0];
  client.on('error', () => {});
  client.on('ready', () => (readyAt = performance.now()));
  for (const method of driver === 'ioredis' ? ['call'] : ['eval', 'evalSha']) {
    const send = client[method].bind(client);
    client[method] = async (...args) => {
      most = Math.max(most, ++unanswered);
      try {
        return await send(...args);
      } finally {
        unanswered--;
      }
    };
  }
  return {
    client,
    /** How many commands were unanswered at once. */
    mostUnanswered: () => most,
    readyAt: () => readyAt,
  };
}
