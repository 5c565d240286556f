import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startMonitored } from '../support/monitored.js';
import { TcpProxy } from '../support/tcp.proxy.js';
import { GraphqlSubscriptions } from './recipes/graphql-ws.gateway.js';
import { openGraphql } from './recipes/graphql-ws.js';
import { nextMessage, outliveDeadClients, TIMES } from './subscriptions.js';
import { wire } from './wire.js';

let client: ReturnType<typeof openGraphql>;
afterEach(async () => {
  // The server may be closed by now, so that a pending reconnection attempt fails.
  await Promise.resolve(client.dispose()).catch(() => {});
});

/** Subscribes, and waits until the server has begun to send. */
async function subscribe(url: string): Promise<() => Promise<unknown>> {
  client = openGraphql(url, 200, 50);
  const results = client.iterate<{ news: string }>({ query: 'subscription { news }' });
  const next = async () => (await results.next()).value?.data?.news as unknown;
  const first = next();
  expect(await eventually(() => wire.listenerCount('news') > 0)).toBe(true);
  wire.emit('news', 'first');
  expect(await first).toBe('first');
  return next;
}

test('a quiet subscription outlives clients that are dead, and its own pings are answered', async () => {
  const monitored = await startMonitored([GraphqlSubscriptions], TIMES);
  const url = `${monitored.url}/graphql`;
  const next = await subscribe(url);
  let pongs = 0;
  client.on('pong', (received) => received && pongs++);
  await outliveDeadClients(monitored, url, ['graphql-transport-ws']);
  await nextMessage(monitored.liveness, '"ping"');
  expect(pongs).toBeGreaterThan(0);
  const news = next();
  wire.emit('news', 'later');
  expect(await news).toBe('later');
});

test('it notices that the server cannot be reached any more, and subscribes anew when it can', async () => {
  const { events, url } = await startMonitored([GraphqlSubscriptions], TIMES);
  const path = await TcpProxy.to(`${url}/graphql`);
  const next = await subscribe(path.url);
  const closed = new Promise((resolve) => {
    client.on('closed', (event) => resolve(event));
  });
  const gone = events.next('disconnected');
  path.cut();
  expect(await closed).toMatchObject({ code: 4499 });
  await gone;
  path.heal();
  const news = next();
  await events.when('connected', (event) => event.client !== events.of('connected')[0]?.client);
  expect(await eventually(() => wire.listenerCount('news') > 0)).toBe(true);
  wire.emit('news', 'back');
  expect(await news).toBe('back');
  await path.close();
});

test('it subscribes anew after the server has closed it with 1012', async () => {
  const { events, liveness, url } = await startMonitored([GraphqlSubscriptions], TIMES);
  const next = await subscribe(`${url}/graphql`);
  const again = events.next('connected');
  for (const { client: peer } of liveness.clients()) {
    peer.close(1012, 'server restarts');
    await once(peer, 'close');
  }
  await again;
  const news = next();
  expect(await eventually(() => wire.listenerCount('news') > 0)).toBe(true);
  wire.emit('news', 'back');
  expect(await news).toBe('back');
});
