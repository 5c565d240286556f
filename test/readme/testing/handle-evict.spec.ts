import { expect, test } from '@jest/globals';
import { LivenessServiceStub } from 'nestjs-heartbeat/testing';
import type { WebSocket } from 'ws';
import { ChatGateway } from './chat.gateway.js';

test('the gateway notes why a client is evicted', async () => {
  const stub = new LivenessServiceStub();
  const gateway = new ChatGateway(stub);
  stub.callHooksOf(gateway);
  const client = {} as WebSocket;

  stub.add(client, { state: 'suspect' });
  expect(gateway.status(client).data).toEqual({ clients: 1, state: 'suspect' });

  await stub.evict(client, 'idle');
  expect(gateway.evicted).toEqual(['idle']);
});
