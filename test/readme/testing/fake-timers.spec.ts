import { once } from 'node:events';
import { afterEach, expect, jest, test } from '@jest/globals';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { WebSocket } from 'ws';
import { AppModule } from './app.module.js';

afterEach(() => void jest.useRealTimers());

test('the reminder comes after a minute', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = module.createNestApplication();
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1'); // the timer of the module has started: it stays real
  const client = new WebSocket(`${(await app.getUrl()).replace('http', 'ws')}/chat`);
  await once(client, 'open');

  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'hrtime', 'performance'],
  });
  client.send(JSON.stringify({ event: 'remind' }));
  await once(client, 'message'); // the handler has set its timer
  const reminder = once(client, 'message');
  jest.advanceTimersByTime(60_000);
  const [data] = await reminder;
  expect(String(data)).toBe('{"event":"reminder"}');

  jest.useRealTimers(); // before the shutdown, which waits with timers
  await app.close();
});
