import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { filter, firstValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import { ChatGateway } from './chat.gateway.js';

test('a client that answers no ping is evicted', async () => {
  const module = await Test.createTestingModule({
    imports: [HeartbeatModule.forRoot({ interval: 100, timeout: 500 })],
    providers: [ChatGateway],
  }).compile();
  const app = module.createNestApplication({ logger: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  const { events$ } = app.get(LivenessService);
  const evicted = firstValueFrom(events$.pipe(filter((event) => event.type === 'evicted')));

  const url = (await app.getUrl()).replace('http', 'ws');
  const client = new WebSocket(`${url}/chat`, { autoPong: false });
  client.on('error', () => {}); // a terminated connection may be reset
  await once(client, 'close');
  expect((await evicted).eviction).toMatchObject({ cause: 'unresponsive', code: 1006 });
  await app.close();
});
