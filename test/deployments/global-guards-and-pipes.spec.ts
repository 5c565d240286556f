import { expect, test } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  UseGuards,
  UsePipes,
  ValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { IsInt, IsString } from 'class-validator';
import { HeartbeatGuard, RequireLiveness } from 'nestjs-heartbeat';
import { TestAdapter } from '../support/adapter.js';
import { getText } from '../support/http.js';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';
import { createHttpApp, Deployment } from './deployment.js';

/** Nest 11 does not run global guards for gateways, so there the gateway names the guard. */
const isNest11 = process.env['MATRIX_NEST'] === '11';

const APP_WIDE = { provide: APP_GUARD, useClass: HeartbeatGuard };

@Controller()
class HealthController {
  @Get('health')
  health(): string {
    return 'ok';
  }
}

@WebSocketGateway({ path: '/orders' })
class OrderGateway {
  @RequireLiveness({ provenWithin: 2_000, maxRtt: 500 })
  @SubscribeMessage('proven')
  proven(): unknown {
    return { event: 'ordered' };
  }
  @SubscribeMessage('order')
  order(): unknown {
    return { event: 'ordered' };
  }
}

@UseGuards(HeartbeatGuard)
@WebSocketGateway({ path: '/twice' })
class TwiceGuardedGateway extends OrderGateway {}

const startGuarded = () =>
  Deployment.http(
    { controllers: [HealthController], providers: [APP_WIDE, OrderGateway, TwiceGuardedGateway] },
    { options: { interval: 5_000, timeout: 10_000 }, adapter: (app) => new TestAdapter(app) },
  );

class Order {
  @IsString()
  article!: string;
  @IsInt()
  count!: number;
}

const STRICT = { whitelist: true, forbidNonWhitelisted: true, transform: true };

/** Sees every value that goes through it. */
@Injectable()
class SeeingPipe implements PipeTransform {
  readonly seen: unknown[] = [];
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type === 'body') this.seen.push(value);
    return value;
  }
}

async function startValidating() {
  const seeing = new SeeingPipe();
  @UsePipes(seeing, new ValidationPipe(STRICT))
  @WebSocketGateway({ path: '/orders' })
  class OrderGateway {
    @SubscribeMessage('order')
    order(@MessageBody() order: Order): unknown {
      return { event: 'ordered', data: { ...order, isOrder: order instanceof Order } };
    }
  }

  const app = await createHttpApp(
    { providers: [OrderGateway] },
    { adapter: (nest) => new TestAdapter(nest) },
  );
  app.useGlobalPipes(new ValidationPipe(STRICT));
  const deployment = Deployment.of(app);
  await listenAnywhere(app);
  deployment.url = urlOf(app);
  return { deployment, seeing };
}

test('HeartbeatGuard as APP_GUARD lets HTTP requests and messages of open clients pass', async () => {
  const deployment = await startGuarded();
  expect(await getText(`${deployment.url}/health`)).toBe('ok');
  for (const path of ['/orders', '/twice']) {
    const client = await deployment.connect(path);
    expect(await client.request('order')).toEqual({ event: 'ordered' });
    expect(await client.request('proven')).toEqual({ event: 'ordered' });
  }
});

test('HeartbeatGuard as APP_GUARD and on the gateway probes a client once for a message', async () => {
  const deployment = await startGuarded();
  const client = await deployment.connect('/twice');
  await client.request('order');
  const before = client.pings.length;
  expect(await client.request('proven')).toEqual({ event: 'ordered' });
  expect(client.pings.length - before).toBe(1);
});

test('HeartbeatGuard as APP_GUARD refuses new work while the server drains', async () => {
  const deployment = await startGuarded();
  // Enough clients that the one that asks is still there: they leave over at most a second.
  const clients = [];
  for (let count = 0; count < 20; count++) {
    clients.push(await deployment.connect(isNest11 ? '/twice' : '/orders'));
  }
  const last = clients.at(-1);
  const drained = deployment.liveness.drain({ within: 1_000 });
  expect(await last?.request('order')).toMatchObject({
    event: 'exception',
    data: { demand: 'draining' },
  });
  expect(await drained).toMatchObject({ closed: 20 });
});

test('HeartbeatGuard as APP_GUARD refuses an order of a client that does not answer', async () => {
  const deployment = await startGuarded();
  for (const path of isNest11 ? ['/twice'] : ['/orders', '/twice']) {
    const dead = await deployment.connect(path, { autoPong: false });
    expect(await dead.request('proven')).toMatchObject({
      event: 'exception',
      data: { status: 'error' },
    });
    dead.socket.terminate();
  }
});

test('heartbeat messages are answered before any pipe: ValidationPipe neither sees nor refuses them', async () => {
  const { deployment, seeing } = await startValidating();
  const client = await deployment.connect('/orders');
  expect(await client.request('heartbeat')).toMatchObject({ event: 'heartbeat' });
  expect(await client.request('heartbeat', { op: 'ping', id: 'a' })).toMatchObject({
    event: 'heartbeat',
    data: { op: 'pong', id: 'a' },
  });
  expect(await client.request('order', { article: 'tea', count: 2 })).toEqual({
    event: 'ordered',
    data: { article: 'tea', count: 2, isOrder: true },
  });
  expect(seeing.seen).toEqual([{ article: 'tea', count: 2 }]);
});

test('a message that ValidationPipe refuses is a sign of life and activity like any other', async () => {
  const { deployment } = await startValidating();
  const { events, liveness } = deployment;
  const client = await deployment.connect('/orders', { autoPong: false });
  const end = performance.now() + 900;
  while (performance.now() < end) {
    expect(await client.request('order', { article: 1, extra: true })).toMatchObject({
      event: 'exception',
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(events.about(client.peer)).toEqual(['connected']);
  expect(liveness.get(client.peer)).toMatchObject({ state: 'alive' });
  expect(liveness.get(client.peer)?.idle).toBeLessThan(300);
});
