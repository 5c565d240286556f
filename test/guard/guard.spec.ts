import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import {
  ClientLiveness,
  Heartbeat,
  HeartbeatGuard,
  RequireLiveness,
  type Liveness,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect as connectClient } from '../support/client.js';
import { getText } from '../support/http.js';
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

test('the guard lets other contexts through: as APP_GUARD it does not stand in the way of HTTP', async () => {
  @Controller()
  class HelloController {
    @RequireLiveness({ provenWithin: 1 })
    @Get()
    hello(): string {
      return 'hello';
    }
  }

  const { connect, url } = await startMonitored(
    [ChatGateway, { provide: APP_GUARD, useClass: HeartbeatGuard }],
    QUICK,
    { controllers: [HelloController] },
  );
  expect(await getText(url)).toBe('hello');
  const client = await connect('/chat');
  expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
});

test('a subclass of the guard changes a step of it', async () => {
  @Injectable()
  class LenientGuard extends HeartbeatGuard {
    protected override handleUntracked(): boolean {
      return true;
    }
    protected override refuse(demand: string): never {
      throw new WsException({ status: 'error', message: 'come back later', demand });
    }
  }
  @Heartbeat(false)
  @UseGuards(LenientGuard)
  @RequireLiveness({ maxRtt: 30 })
  @WebSocketGateway({ path: '/exempt' })
  class ExemptGateway {
    @SubscribeMessage('order')
    order(): unknown {
      return { event: 'ordered' };
    }
  }
  @UseGuards(LenientGuard)
  @RequireLiveness({ maxRtt: 30 })
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @SubscribeMessage('order')
    order(): unknown {
      return { event: 'ordered' };
    }
  }

  const { connect, url } = await startMonitored([ExemptGateway, OrdersGateway]);
  const exempt = await connectClient(`${url}/exempt`);
  expect(await exempt.request('order')).toEqual({ event: 'ordered' });
  const dead = await connect('/orders', { autoPong: false });
  expect(await dead.request('order')).toEqual({
    event: 'exception',
    data: { status: 'error', message: 'come back later', demand: 'maxRtt' },
  });
});

test('a subclass of the guard may have dependencies of its own', async () => {
  @Injectable()
  class Shop {
    isOpen = false;
  }
  @Injectable()
  class ShopGuard extends HeartbeatGuard {
    constructor(private readonly shop: Shop) {
      super();
    }
    override async canActivate(context: ExecutionContext): Promise<boolean> {
      return this.shop.isOpen && (await super.canActivate(context));
    }
  }
  @UseGuards(ShopGuard)
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @SubscribeMessage('order')
    order(): unknown {
      return { event: 'ordered' };
    }
  }

  const { app, connect } = await startMonitored([Shop, OrdersGateway]);
  const client = await connect('/orders');
  expect(await client.request('order')).toMatchObject({ event: 'exception' });
  app.get(Shop).isOpen = true;
  expect(await client.request('order')).toEqual({ event: 'ordered' });
});

test.each([
  [
    'throws',
    () => {
      throw new Error('guard failed');
    },
  ],
  ['rejects', () => Promise.reject(new Error('guard failed'))],
])('a guard of the application that %s affects no other client', async (_, fail) => {
  class FailingGuard implements CanActivate {
    canActivate(): boolean | Promise<boolean> {
      return fail();
    }
  }
  @UseGuards(HeartbeatGuard)
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @UseGuards(FailingGuard)
    @SubscribeMessage('fail')
    fail(): unknown {
      return { event: 'never' };
    }
    @SubscribeMessage('order')
    order(): unknown {
      return { event: 'ordered' };
    }
  }

  const { connect, events, liveness } = await startMonitored([OrdersGateway]);
  const victim = await connect('/orders');
  const dead = await connect('/orders', { autoPong: false });
  expect(await victim.request('fail')).toMatchObject({ event: 'exception' });
  expect(await victim.request('order')).toEqual({ event: 'ordered' });
  expect(await dead.closed).toMatchObject({ code: 1006 });
  expect(liveness.isAlive(victim.peer)).toBe(true);
  expect(events.about(victim.peer)).toEqual(['connected']);
});

test('@ClientLiveness() gives a handler what is known of its client', async () => {
  const seen: unknown[] = [];
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @SubscribeMessage('order')
    order(@ClientLiveness() liveness: Liveness): unknown {
      seen.push(liveness);
      return { event: 'ordered' };
    }
  }

  const { connect, liveness } = await startMonitored([OrdersGateway]);
  const client = await connect('/orders');
  await client.request('order');
  expect(seen).toMatchObject([
    { id: liveness.get(client.peer)?.id, client: client.peer, state: 'alive', idle: 0 },
  ]);
});

test('@ClientLiveness() is undefined for a client that is not tracked', async () => {
  const seen: unknown[] = [];
  @Heartbeat(false)
  @WebSocketGateway({ path: '/exempt' })
  class ExemptGateway {
    @SubscribeMessage('order')
    order(@ClientLiveness() liveness: Liveness | undefined, client: WebSocket): unknown {
      seen.push(liveness, client);
      return { event: 'ordered' };
    }
  }

  const { url } = await startMonitored([ExemptGateway]);
  await (await connectClient(`${url}/exempt`)).request('order');
  expect(seen[0]).toBeUndefined();
});
