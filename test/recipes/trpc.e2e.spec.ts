import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { Subject, firstValueFrom } from 'rxjs';
import { eventually } from '../support/eventually.js';
import { startMonitored } from '../support/monitored.js';
import { TrpcServer } from './recipes/trpc.gateway.js';
import { openTrpc } from './recipes/trpc.js';
import { nextMessage, outliveDeadClients, TIMES } from './subscriptions.js';
import { wire } from './wire.js';

let trpc: ReturnType<typeof openTrpc>;
afterEach(() => trpc.connection.close());

/** Subscribes. Returns a function that publishes a text and expects to receive it. */
function subscribe(url: string): (text: string) => Promise<void> {
  trpc = openTrpc(url, 200, 50);
  const news = new Subject<string>();
  trpc.client.news.subscribe(undefined, { onData: (text) => news.next(text) });
  return async (text) => {
    expect(await eventually(() => wire.listenerCount('news') > 0)).toBe(true);
    const received = firstValueFrom(news);
    wire.emit('news', text);
    expect(await received).toBe(text);
  };
}

test('a quiet subscription outlives clients that are dead, and its own pings are answered', async () => {
  const monitored = await startMonitored([TrpcServer], TIMES);
  const publish = subscribe(`${monitored.url}/trpc`);
  await publish('first');
  await outliveDeadClients(monitored, `${monitored.url}/trpc`);
  await nextMessage(monitored.liveness, 'PING');
  await publish('later');
});

test('it subscribes anew after the server has cut it off', async () => {
  const { events, liveness, url } = await startMonitored([TrpcServer], TIMES);
  const publish = subscribe(`${url}/trpc`);
  await publish('first');
  const again = events.next('connected');
  for (const { client } of liveness.clients()) {
    client.terminate();
    await once(client, 'close');
  }
  await again;
  await publish('back');
});
