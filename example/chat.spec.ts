import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { LivenessService } from 'nestjs-heartbeat';
import { HEARTBEAT_CLOCK, HeartbeatTestClock, openClient } from 'nestjs-heartbeat/testing';
import type { TestClient } from 'nestjs-heartbeat/testing';
import { AppModule } from './app.module.js';

let app: INestApplication;
let clock: HeartbeatTestClock;

beforeEach(async () => {
  clock = new HeartbeatTestClock();
  const testing = Test.createTestingModule({ imports: [AppModule.forRoot()] });
  const module = await testing.overrideProvider(HEARTBEAT_CLOCK).useValue(clock).compile();
  app = module.createNestApplication({ logger: ['error'] });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
});
afterEach(() => app.close());

async function join(name: string): Promise<TestClient> {
  const client = await openClient(app, { path: '/chat' });
  client.send('join', { name });
  await client.next('joined');
  return client;
}

/** The next announcement that a client was evicted. */
async function announcement(client: TestClient): Promise<string> {
  const { text } = (await client.next('message')) as { text: string };
  return text.includes('was evicted') ? text : announcement(client);
}

test('a client that goes silent is evicted, and the room learns of it', async () => {
  const [ada, bob] = [await join('Ada'), await join('Bob')];
  ada.answersPings = false;
  await clock.advance(10_000);
  expect(await announcement(bob)).toBe('Ada was evicted: unresponsive.');
  expect(await ada.closed).toMatchObject({ code: 1006 });
});

test('a client that stops reading is evicted, although it sends', async () => {
  const [ada, bob] = [await join('Ada'), await join('Bob')];
  ada.stopReading();
  const news = JSON.stringify({ event: 'news', data: 'x'.repeat(16_000_000) });
  for (const { client } of app.get(LivenessService).clients()) client.send(news);
  for (let seconds = 0; seconds < 10; seconds++) {
    ada.send('who');
    await clock.advance(1_000);
  }
  expect(await announcement(bob)).toBe('Ada was evicted: slow-consumer.');
});

test('a shutdown asks its clients to reconnect', async () => {
  const [ada, bob] = [await join('Ada'), await join('Bob')];
  await app.close();
  for (const { closed } of [ada, bob]) expect(await closed).toMatchObject({ code: 1012 });
});

test('a server that drains refuses messages', async () => {
  const ada = await join('Ada');
  void app.get(LivenessService).drain();
  ada.send('say', 'Is anyone there?');
  expect(await ada.next('exception')).toMatchObject({ demand: 'draining' });
});

test('those who joined are present until they leave', async () => {
  const [ada, bob] = [await join('Ada'), await join('Bob')];
  await clock.advance(10); // the store is written within 5 ms
  bob.send('who');
  expect(await bob.next('present')).toEqual(['Ada', 'Bob']);
  await ada[Symbol.asyncDispose]();
  await clock.advance(10);
  bob.send('who');
  expect(await bob.next('present')).toEqual(['Bob']);
});
