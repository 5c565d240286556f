import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatGuard } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { connect as connectClient } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';

@UseGuards(HeartbeatGuard)
@WebSocketGateway({ path: '/orders' })
class OrdersGateway {
  readonly handled: unknown[] = [];

  @SubscribeMessage('order')
  order(_client: WebSocket, data: unknown): unknown {
    this.handled.push(data);
    return { event: 'ordered', data };
  }
}

test('the guard passes a client that is there', async () => {
  const { connect } = await startMonitored([OrdersGateway]);
  const client = await connect('/orders');
  expect(await client.request('order', 1)).toEqual({ event: 'ordered', data: 1 });
});

test('the guard passes a suspect: its message has just arrived', async () => {
  const { connect, events } = await startMonitored([OrdersGateway]);
  const client = await connect('/orders', { autoPong: false });
  await events.when('suspect');
  expect(await client.request('order', 1)).toEqual({ event: 'ordered', data: 1 });
});

test('the guard refuses a client that is evicted', async () => {
  const { app, connect, events, liveness } = await startMonitored([OrdersGateway]);
  const { closed, peer, send } = await connect('/orders');
  send('order', 1);
  liveness.disconnect(peer);
  send('order', 2);
  await closed;
  await events.when('disconnected');
  expect(app.get(OrdersGateway).handled).toEqual([]);
});

test('the guard refuses a client that the application is closing', async () => {
  const { app, connect, events } = await startMonitored([OrdersGateway]);
  const { closed, peer, send } = await connect('/orders');
  send('order', 1);
  peer.close();
  await closed;
  await events.when('disconnected');
  expect(app.get(OrdersGateway).handled).toEqual([]);
});

test('the guard refuses a client that disconnected while another guard ran', async () => {
  let handled = 0;
  class SlowGuard implements CanActivate {
    async canActivate(context: ExecutionContext): Promise<boolean> {
      await once(context.switchToWs().getClient<WebSocket>(), 'close');
      return true;
    }
  }
  @UseGuards(SlowGuard, HeartbeatGuard)
  @WebSocketGateway({ path: '/slow' })
  class SlowGateway {
    @SubscribeMessage('order')
    order(): void {
      handled++;
    }
  }

  const { connect, events } = await startMonitored([SlowGateway, OrdersGateway]);
  const client = await connect('/slow');
  client.send('order', 1);
  client.socket.close();
  await events.when('disconnected');
  // What the guard has begun ends before another client's whole exchange.
  await (await connect('/orders')).request('order');
  expect(handled).toBe(0);
});

test('the guard refuses new work while the server drains, with a reason', async () => {
  const { app, connect, liveness } = await startMonitored([OrdersGateway]);
  for (let count = 0; count < 20; count++) await connect('/orders');
  const last = await connect('/orders');
  const drained = liveness.drain();
  expect(await last.request('order', 1)).toEqual({
    event: 'exception',
    data: {
      status: 'error',
      message: 'The server is shutting down, reconnect',
      demand: 'draining',
    },
  });
  await drained;
  expect(app.get(OrdersGateway).handled).toEqual([]);
});

test('the guard passes a client that is not tracked, where nothing is required', async () => {
  @Heartbeat(false)
  @UseGuards(HeartbeatGuard)
  @WebSocketGateway({ path: '/exempt' })
  class ExemptGateway {
    @SubscribeMessage('order')
    order(_client: WebSocket, data: unknown): unknown {
      return { event: 'ordered', data };
    }
  }

  const { url } = await startMonitored([ExemptGateway]);
  const client = await connectClient(`${url}/exempt`);
  expect(await client.request('order', 1)).toEqual({ event: 'ordered', data: 1 });
});

test('the guard passes a client that would have been evicted, under dryRun', async () => {
  const { connect, events } = await startMonitored([OrdersGateway], { ...QUICK, dryRun: true });
  const client = await connect('/orders', { autoPong: false });
  await events.when('evicted');
  expect(await client.request('order', 1)).toEqual({ event: 'ordered', data: 1 });
});
