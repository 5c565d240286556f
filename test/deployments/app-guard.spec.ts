import { expect, test } from '@jest/globals';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatGuard, RequireLiveness } from 'nestjs-heartbeat';
import { getText } from '../support/http.js';
import { TestAdapter } from '../support/adapter.js';
import { Deployment } from './deployment.js';

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

const start = () =>
  Deployment.http(
    { controllers: [HealthController], providers: [APP_WIDE, OrderGateway, TwiceGuardedGateway] },
    { options: { interval: 5_000, timeout: 10_000 }, adapter: (app) => new TestAdapter(app) },
  );

test('HeartbeatGuard as APP_GUARD lets HTTP requests and messages of open clients pass', async () => {
  const deployment = await start();
  expect(await getText(`${deployment.url}/health`)).toBe('ok');
  for (const path of ['/orders', '/twice']) {
    const client = await deployment.connect(path);
    expect(await client.request('order')).toEqual({ event: 'ordered' });
    expect(await client.request('proven')).toEqual({ event: 'ordered' });
  }
});

test('HeartbeatGuard as APP_GUARD and on the gateway probes a client once for a message', async () => {
  const deployment = await start();
  const client = await deployment.connect('/twice');
  await client.request('order');
  const before = client.pings.length;
  expect(await client.request('proven')).toEqual({ event: 'ordered' });
  expect(client.pings.length - before).toBe(1);
});

test('HeartbeatGuard as APP_GUARD refuses new work while the server drains', async () => {
  const deployment = await start();
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
  const deployment = await start();
  for (const path of isNest11 ? ['/twice'] : ['/orders', '/twice']) {
    const dead = await deployment.connect(path, { autoPong: false });
    expect(await dead.request('proven')).toMatchObject({
      event: 'exception',
      data: { status: 'error' },
    });
    dead.socket.terminate();
  }
});
