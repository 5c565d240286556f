import { expect, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { WebSocket } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect, watchClient } from '../support/client.js';
import { LogRecorder } from '../support/log-recorder.js';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';
import { Deployment, expectMonitored } from './deployment.js';

@WebSocketGateway({ path: '/lazy' })
class LazyGateway {}

@Injectable()
class LazyService {
  constructor(readonly liveness: LivenessService) {}
}

@Module({ providers: [LazyGateway, LazyService] })
class LazyModule {}

@Module({ providers: [ChatGateway] })
class PlainModule {}

test('a gateway in a lazily loaded module gets no server from Nest, and the others stay monitored', async () => {
  const logger = new LogRecorder();
  const deployment = await Deployment.http({ providers: [ChatGateway] }, { logger });
  const { app, liveness } = deployment;
  const client = await deployment.connect('/chat');
  await app.get(LazyModuleLoader).load(() => LazyModule);
  const refused = watchClient(new WebSocket(`${deployment.url}/lazy`));
  expect(await refused.closed).toMatchObject({ code: 1006 });
  expect(liveness.isAlive(client.peer)).toBe(true);
  expect(logger.of('error')).toEqual([]);
  await expectMonitored(deployment, '/chat');
});

test('a provider of a lazily loaded module is injected the one LivenessService', async () => {
  const deployment = await Deployment.http({ providers: [ChatGateway] });
  const lazy = await deployment.app.get(LazyModuleLoader).load(() => LazyModule);
  expect(lazy.get(LazyService).liveness).toBe(deployment.liveness);
});

test('HeartbeatModule loaded lazily beside the one of the root module is refused', async () => {
  const deployment = await Deployment.http({ providers: [ChatGateway] });
  const { app } = deployment;
  await expect(
    app
      .get(LazyModuleLoader)
      .load(() => HeartbeatModule.forRoot({ interval: 1_000, timeout: 2_000 })),
  ).rejects.toMatchObject({ name: 'HeartbeatOptionsError' });
  await expectMonitored(deployment, '/chat');
});

test('HeartbeatModule that is only loaded lazily is refused: Nest has bound the gateways by then', async () => {
  const app = await NestFactory.create(PlainModule, { logger: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  await listenAnywhere(app);
  await expect(
    app.get(LazyModuleLoader).load(() => HeartbeatModule.forRoot()),
  ).rejects.toMatchObject({
    name: 'HeartbeatOptionsError',
    message: expect.stringContaining('root module') as unknown,
  });
  const client = await connect(`${urlOf(app)}/chat`);
  expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
  await app.close();
});
