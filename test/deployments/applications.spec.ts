import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { Controller, Global, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  MessagePattern,
  Transport,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatGuard, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { firstValueFrom } from 'rxjs';
import { WebSocketServer, type WebSocketServer as Server } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { LogRecorder } from '../support/log-recorder.js';
import { QUICK } from '../support/monitored.js';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';
import { createHttpApp, Deployment, expectMonitored, rootModule } from './deployment.js';

async function startContext(options: HeartbeatModuleOptions) {
  const logger = new LogRecorder();
  const app = await NestFactory.createApplicationContext(
    rootModule({ providers: [ChatGateway] }, options),
    { logger },
  );
  return { deployment: Deployment.of(app), logger };
}

@Controller()
class SumController {
  @MessagePattern('sum')
  sum(numbers: number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
  }
}

/** Calls `sum` over the microservice's own transport. */
async function sumAt(port: number): Promise<unknown> {
  const client = ClientProxyFactory.create({
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port },
  });
  try {
    return await firstValueFrom(client.send('sum', [1, 2, 3]));
  } finally {
    await client.close();
  }
}

const tcp = (port: number): MicroserviceOptions => ({
  transport: Transport.TCP,
  options: { host: '127.0.0.1', port },
});

async function startHybrid(
  inheritAppConfig = true,
): Promise<{ deployment: Deployment; port: number }> {
  const port = await freePort();
  const app = await createHttpApp({
    controllers: [SumController],
    providers: [ChatGateway, { provide: APP_GUARD, useClass: HeartbeatGuard }],
  });
  app.connectMicroservice<MicroserviceOptions>(tcp(port), { inheritAppConfig });
  const deployment = Deployment.of(app);
  await app.startAllMicroservices();
  await listenAnywhere(app);
  deployment.url = urlOf(app);
  return { deployment, port };
}

test('an application context without servers starts and closes: there is nothing to detector', async () => {
  const { deployment, logger } = await startContext({});
  const { events, liveness } = deployment;
  expect(liveness.size).toBe(0);
  expect([...liveness.clients()]).toEqual([]);
  expect(liveness.snapshot().totals.connected).toBe(0);
  await deployment.close();
  expect(events.isComplete).toBe(true);
  expect(logger.of('warn')).toEqual([]);
  expect(logger.of('error')).toEqual([]);
});

test('an application context monitors and drains a server that is passed to watch()', async () => {
  const { deployment } = await startContext(QUICK);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  deployment.liveness.watch(server);
  deployment.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expectMonitored(deployment);
  server.close();
  await once(server, 'close');
});

test.each([true, false])(
  'a hybrid application (inheritAppConfig: %s) monitors and drains each client once',
  async (inherits) => {
    const { deployment } = await startHybrid(inherits);
    expect(deployment.liveness.snapshot().totals.connected).toBe(0);
    await expectMonitored(deployment, '/chat');
    expect(deployment.liveness.snapshot().totals).toMatchObject({ connected: 2, disconnected: 2 });
  },
);

test('a hybrid application: HeartbeatGuard as a global guard lets calls of the microservice pass', async () => {
  const { deployment, port } = await startHybrid();
  expect(await sumAt(port)).toBe(6);
  const client = await deployment.connect('/chat');
  expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
});

/** A microservice without HTTP server, with a gateway on a port of its own. */
async function startMicroservice(logger = new LogRecorder()) {
  const [port, webSocketPort] = [await freePort(), await freePort()];
  @WebSocketGateway(webSocketPort)
  class OwnPortGateway {}

  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    rootModule({ controllers: [SumController], providers: [OwnPortGateway] }),
    { ...tcp(port), logger },
  );
  app.useWebSocketAdapter(new WsAdapter(app));
  const deployment = Deployment.of(app, `ws://127.0.0.1:${webSocketPort}`);
  await app.listen();
  return { deployment, port, logger };
}

test('a microservice: clients of a gateway on its own port are monitored', async () => {
  const { deployment, port } = await startMicroservice();
  const { events, liveness } = deployment;
  expect(await sumAt(port)).toBe(6);
  const healthy = await deployment.connect();
  const dead = await deployment.connect('/', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
  await events.when('disconnected');
  expect(events.about(dead.peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
  await expect(liveness.probe(healthy.peer)).resolves.toBeGreaterThan(0);
});

test('a microservice: drain() before close() closes every client with 1012', async () => {
  const { deployment } = await startMicroservice();
  const clients = [await deployment.connect(), await deployment.connect()];
  expect(await deployment.liveness.drain()).toMatchObject({ closed: 2, terminated: 0 });
  await deployment.close();
  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1012 });
  expect(deployment.events.of('disconnected')).toHaveLength(2);
});

test('a microservice: close() alone ends, and reports every client as disconnected once', async () => {
  const { deployment } = await startMicroservice();
  const clients = [await deployment.connect(), await deployment.connect()];
  await deployment.close();
  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1006 });
  const { events, liveness } = deployment;
  for (const { peer } of clients) expect(events.about(peer)).toEqual(['connected', 'disconnected']);
  expect(liveness.size).toBe(0);
});

test('a microservice: boot warns that close() does not drain, and names drain()', async () => {
  const { logger } = await startMicroservice();
  expect(logger.of('warn', 'drain()')).toHaveLength(1);
});

test('two applications in one process: one drains while the other serves its clients', async () => {
  const first = await Deployment.http({ providers: [ChatGateway] });
  const second = await Deployment.http({ providers: [ChatGateway] });
  const leaving = [await first.connect('/chat'), await first.connect('/chat')];
  const staying = await second.connect('/chat');
  const closed = first.close();
  await first.events.when('draining');
  expect(first.liveness.snapshot().draining).toBe(true);
  expect(second.liveness.snapshot().draining).toBe(false);
  expect(await staying.request('say', 1)).toEqual({ event: 'said', data: 1 });
  await closed;
  for (const client of leaving) expect(await client.closed).toMatchObject({ code: 1012 });
  expect(second.events.about(staying.peer)).toEqual(['connected']);
  expect(second.events.of('draining')).toEqual([]);
  await expectMonitored(second, '/chat');
});

/** A gateway on its own port, beside a module whose start waits for `come()` before HeartbeatModule starts. */
function slowlyStarting(port: number, come: () => Promise<unknown>) {
  @WebSocketGateway(port)
  class EarlyGateway {
    server: Server | undefined;
    afterInit(server: Server): void {
      this.server = server;
    }
  }
  @Injectable()
  class SlowStart implements OnModuleInit {
    async onModuleInit(): Promise<void> {
      await come();
    }
  }
  // Nest calls the hooks of global modules first, in the order in which they are imported.
  @Global()
  @Module({ providers: [SlowStart] })
  class SlowModule {}
  return { imports: [SlowModule], providers: [EarlyGateway], EarlyGateway };
}

test('two applications of one gateway class, created before either starts: each adopts its own pre-init connections', async () => {
  const port = await freePort();
  let come: () => Promise<unknown> = () => connect(`ws://127.0.0.1:${port}`);
  const { EarlyGateway, ...metadata } = slowlyStarting(port, () => come());
  const first = await createHttpApp(metadata);
  // The module's instance that was made last is not the one that these clients belong to.
  const second = await createHttpApp(metadata);
  await first.init();
  const { server } = first.get(EarlyGateway);

  // Adopted together with its socket: its bytes are signs of life, and its address is known.
  const clients = [...first.get(LivenessService).clients()];
  expect(clients).toMatchObject([
    { state: 'alive', remoteAddress: expect.stringContaining('127.0.0.1') as unknown },
  ]);
  expect(second.get(LivenessService).size).toBe(0);
  expect(server?.clients.size).toBe(1);
  come = () => Promise.resolve();
  await first.close();
  await second.init();
  expect(second.get(LivenessService).size).toBe(0);
});

test('an application that is never started adds no listener to the servers of another one', async () => {
  @WebSocketGateway({ path: '/chat' })
  class LonelyGateway {
    server: Server | undefined;
    afterInit(server: Server): void {
      this.server = server;
    }
  }
  const alone = await Deployment.http({ providers: [LonelyGateway] });
  const expected = alone.app.get(LonelyGateway).server?.listenerCount('connection');

  const first = await createHttpApp({ providers: [LonelyGateway] });
  await createHttpApp({ providers: [LonelyGateway] });
  await first.init();
  expect(first.get(LonelyGateway).server?.listenerCount('connection')).toBe(expected);
});
