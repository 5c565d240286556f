import { afterAll, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { createApp } from '../support/app.js';
import { Child, killAll } from '../support/child.js';
import { connect } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { QUICK } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

const WARNING =
  'This application is a microservice. Its close() terminates all clients before any shutdown hook runs, so ' +
  'they are not drained. Call `await liveness.drain()` before `app.close()`.';

afterAll(killAll);

/** A module with a gateway on its own port, and the URL of the gateway. */
async function moduleWithGateway(options: HeartbeatModuleOptions) {
  const port = await freePort();
  @WebSocketGateway(port, { host: '127.0.0.1' })
  class PortGateway {}
  @Module({ imports: [HeartbeatModule.forRoot(options)], providers: [PortGateway] })
  class AppModule {}
  return { AppModule, url: `ws://127.0.0.1:${port}` };
}

async function transport(): Promise<MicroserviceOptions> {
  return { transport: Transport.TCP, options: { host: '127.0.0.1', port: await freePort() } };
}

/** Starts a microservice. */
async function startMicroservice(options: HeartbeatModuleOptions = QUICK) {
  const logger = new LogRecorder();
  const { AppModule, url } = await moduleWithGateway(options);
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
    ...(await transport()),
    logger,
  });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen();
  return { app, logger, url, liveness: app.get(LivenessService) };
}

test('a microservice logs a warning at boot that its close() drains no client', async () => {
  const { app, logger, liveness, url } = await startMicroservice();
  const client = await connect(url);
  await app.close();
  expect(await client.closed).toMatchObject({ code: 1006 });
  expect(logger.of('warn')).toEqual([WARNING]);
  expect(liveness.size).toBe(0);
});

test('a microservice that calls drain() before close() drains', async () => {
  const { app, liveness, url } = await startMicroservice();
  const clients = [await connect(url), await connect(url)];
  expect(await liveness.drain()).toMatchObject({ closed: 2, terminated: 0 });
  await app.close();
  for (const { closed } of clients) {
    expect(await closed).toMatchObject({ code: 1012, reason: 'server restarts' });
  }
});

test('a microservice drains on SIGTERM', async () => {
  const port = await freePort();
  const program = new URL('./microservice.server.ts', import.meta.url);
  const child = await Child.start(program, { port, transportPort: await freePort() });
  const client = await connect(`ws://127.0.0.1:${port}`);
  await child.request('terminate');
  expect(await client.closed).toMatchObject({ code: 1012, reason: 'server restarts' });
});

test('a microservice with drain: false logs no warning', async () => {
  const { app, logger } = await startMicroservice({ ...QUICK, drain: false });
  await app.close();
  expect(logger.of('warn')).toEqual([]);
});

test('a hybrid application drains and logs no warning', async () => {
  const logger = new LogRecorder();
  const { AppModule, url } = await moduleWithGateway(QUICK);
  const app = await NestFactory.create(AppModule, { logger });
  app.useWebSocketAdapter(new WsAdapter(app));
  app.connectMicroservice<MicroserviceOptions>(await transport());
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  const client = await connect(url);
  await app.close();
  expect(await client.closed).toMatchObject({ code: 1012 });
  expect(logger.of('warn')).toEqual([]);
});

test('an application context without gateways logs no warning', async () => {
  const logger = new LogRecorder();
  @Module({ imports: [HeartbeatModule.forRoot(QUICK)] })
  class WorkerModule {}
  const app = await NestFactory.createApplicationContext(WorkerModule, { logger });
  await app.close();
  expect(logger.of('warn')).toEqual([]);
});

test('an ordinary application logs no warning', async () => {
  const logger = new LogRecorder();
  const { AppModule } = await moduleWithGateway(QUICK);
  const app = await createApp({ imports: [AppModule] }, { logger });
  await app.init();
  await app.close();
  expect(logger.of('warn')).toEqual([]);
});
