import { expect, test } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { LivenessService } from 'nestjs-heartbeat';
import { WebSocket } from 'ws';
import { AppModule } from './app.module.js';
import { ChatGateway } from './chat.gateway.js';

test('the status has the number of clients and the state of this one', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(LivenessService)
    .useValue({ size: 3, get: () => ({ state: 'suspect' }) })
    .compile();
  const client = Object.create(WebSocket.prototype) as WebSocket;
  expect(module.get(ChatGateway).status(client)).toEqual({
    event: 'status',
    data: { clients: 3, state: 'suspect' },
  });
});
