import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { WebSocket } from 'ws';
import { AppModule } from './app.module.js';

let app: INestApplication;
let url: string;

beforeEach(async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = module.createNestApplication();
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  url = (await app.getUrl()).replace('http', 'ws');
});
afterEach(() => app.close());

test('a client sees its status', async () => {
  const client = new WebSocket(`${url}/chat`);
  await once(client, 'open');
  client.send(JSON.stringify({ event: 'status' }));
  const [data] = await once(client, 'message');
  expect(JSON.parse(String(data))).toEqual({
    event: 'status',
    data: { clients: 1, state: 'alive' },
  });
});
