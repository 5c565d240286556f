// A Nest application whose clients are present in Redis: by this module, or each by a key with EXPIRE, the common way.
// Settings: see `PresenceSettings`.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { PresenceModule, PresenceService, RedisPresenceStore } from 'nestjs-heartbeat/presence';
import { startNest } from '../support/nest.app.js';
import { settings } from '../support/program.js';
import { serve, type ServerSettings } from '../support/server.js';
import { Watch } from '../support/watch.js';

export interface PresenceSettings extends ServerSettings {
  readonly redis: number;
  /** Times of presence. `undefined`: the common way. */
  readonly presence?: { readonly renew: number; readonly lease: number };
  /** Times of the common way: how often a key is renewed, and when it expires without, in ms. */
  readonly expire: { readonly every: number; readonly after: number };
}

/** Round-trip times in ms. */
export interface RoundTrips {
  readonly isPresent: number[];
  readonly get: number[];
}

/** Joins of one turn of the event loop. */
const JOINS_OF_A_TURN = 100;

const { redis, presence: times, expire, interval, timeout } = settings() as PresenceSettings;
const client = new Redis(redis);
const store = new RedisPresenceStore(client);
const { app, server, port } = await startNest([
  HeartbeatModule.forRoot({ interval, timeout }),
  ...(times === undefined ? [] : [PresenceModule.forRoot({ store, ...times })]),
]);
const presence = times === undefined ? undefined : app.get(PresenceService);
let keys: string[] = [];

serve(port, new Watch(false), {
  /** Makes the keys of all clients, so that their memory is not counted. */
  prepare: () => {
    keys = [...server.clients].map((_, index) => Buffer.from(`user-${index}`).toString());
  },
  join: async () => {
    for (const [index, socket] of [...server.clients].entries()) {
      const key = keys[index] ?? '';
      if (presence === undefined) joinCommonWay(key);
      else presence.track(socket, key);
      if (index % JOINS_OF_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  },
  untilCount: async (count: number) => {
    while ((await presence?.count()) !== count) await sleep(5);
  },
  /** `isPresent()` for keys of another node, and then a bare GET. */
  roundTrips: async (count: number): Promise<RoundTrips> => {
    const found: RoundTrips = { isPresent: [], get: [] };
    for (let index = 0; index < count; index++)
      found.isPresent.push(await timeOf(() => presence?.isPresent(`user-${index}`)));
    for (let index = 0; index < count; index++)
      found.get.push(await timeOf(() => client.get(`user-${index}`)));
    return found;
  },
});

function joinCommonWay(key: string): void {
  void client.set(`online:${key}`, port, 'PX', expire.after);
  setInterval(() => void client.pexpire(`online:${key}`, expire.after), expire.every);
}

async function timeOf(call: () => Promise<unknown> | undefined): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}
