import { expect, test } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  MessagePattern,
  Transport,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatGuard } from 'nestjs-heartbeat';
import { firstValueFrom } from 'rxjs';
import { ChatGateway } from '../support/chat.gateway.js';
import { freePort } from '../support/free-port.js';
import { LogRecorder } from '../support/log-recorder.js';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';
import { createHttpApp, Deployment, expectMonitored, rootModule } from './deployment.js';

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
