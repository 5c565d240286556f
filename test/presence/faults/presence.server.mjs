// A node: an application with presence in Redis. Each of its clients is present under the name in its URL.
//
// redis: { host, port }, or for ioredis { sentinels, name }; driver: `ioredis` or `node-redis`
// options: of `PresenceModule`; drainWithin: the option `drain.within` of `HeartbeatModule`
import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { PresenceModule, PresenceService, RedisPresenceStore } from 'nestjs-heartbeat/presence';
import { answer, settings } from '../../support/programs/answers.mjs';
import { ChangeLog } from './change.log.mjs';
import { connectRedis } from './counted.redis.mjs';
import { QueryLoad } from './query.load.mjs';

const { redis, driver = 'ioredis', options, drainWithin = 1_000 } = settings;

const connection = connectRedis(driver, redis);

class Gateway {
  /** `?name=` is the key, `&exclusive` makes it so, and `&meta=` is its meta. */
  handleConnection(client, request) {
    const query = new URL(request.url, 'ws://localhost').searchParams;
    const meta = query.get('meta') ?? undefined;
    presence.track(client, query.get('name'), { exclusive: query.has('exclusive'), meta });
  }
}
WebSocketGateway()(Gateway);

// oxlint-disable-next-line typescript/no-extraneous-class
class NodeModule {}
Module({
  imports: [
    HeartbeatModule.forRoot({ interval: 10_000, timeout: 30_000, drain: { within: drainWithin } }),
    PresenceModule.forRoot({ ...options, store: new RedisPresenceStore(connection.client) }),
  ],
  providers: [Gateway],
})(NodeModule);

const app = await NestFactory.create(NodeModule, { logger: false });
app.useWebSocketAdapter(new WsAdapter(app));
app.enableShutdownHooks();
const presence = app.get(PresenceService);
await app.listen(0, '127.0.0.1');
const load = new QueryLoad(presence);
const changes = new ChangeLog(presence.changes());

/** Asks until the store answers in time. */
async function ask(query) {
  for (;;) {
    const answered = await query().catch(() => undefined);
    if (answered !== undefined) return answered;
    await delay(5);
  }
}

while (presence.state !== 'current') await delay(5);
// From now on all changes are reported.
await ask(() => presence.list());
const { id } = (await ask(() => presence.nodes())).find(({ self }) => self);

answer({
  id: () => id,
  url: () => `ws://127.0.0.1:${app.getHttpServer().address().port}`,
  state: () => presence.state,
  isPresent: (key) => presence.isPresent(key),
  entries: async () => {
    const entries = [];
    for (let page = {}; ;) {
      const part = await presence.list('online', { limit: 1_000, ...page });
      entries.push(...part.entries);
      if (part.cursor === undefined) return entries;
      page = { cursor: part.cursor };
    }
  },
  count: () => presence.count(),
  nodes: async () => (await presence.nodes()).map((node) => node.id).toSorted(),
  disconnect: (key) => presence.disconnect(key),
  changes: (prefix) => changes.of(prefix),
  beginLoad: (rate) => load.begin(rate),
  endLoad: () => load.end(),
  mostUnanswered: () => connection.mostUnanswered(),
  readyAt: () => connection.readyAt(),
  wall: () => Date.now(),
});
