import { expect, test } from '@jest/globals';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { LazyModuleLoader, NestFactory, REQUEST } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { openClient } from 'nestjs-heartbeat/testing';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect } from '../support/client.js';
import { LogRecorder } from '../support/log-recorder.js';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';
import { Deployment, expectMonitored } from './deployment.js';

@Injectable({ scope: Scope.TRANSIENT })
class TransientHelper {
  constructor(readonly liveness: LivenessService) {}
}

@WebSocketGateway({ path: '/chat' })
class HelpedGateway {
  readonly evicted: WebSocket[] = [];
  constructor(readonly helper: TransientHelper) {}
  handleEvict(client: WebSocket): void {
    this.evicted.push(client);
  }
}

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

test('a gateway with a transient dependency is monitored, and its hooks are called', async () => {
  const logger = new LogRecorder();
  const deployment = await Deployment.http(
    { providers: [TransientHelper, HelpedGateway] },
    { logger },
  );
  const gateway = deployment.app.get(HelpedGateway);
  expect(gateway.helper.liveness).toBe(deployment.liveness);
  const dead = await deployment.connect('/chat', { autoPong: false });
  await dead.closed;
  expect(gateway.evicted).toEqual([dead.peer]);
  expect(logger.of('warn', 'scoped')).toEqual([]);
  await expectMonitored(deployment, '/chat');
});

test('a gateway that is transient itself is monitored and drained', async () => {
  @Injectable({ scope: Scope.TRANSIENT })
  @WebSocketGateway({ path: '/chat' })
  class TransientGateway {
    @SubscribeMessage('say')
    chat(_client: unknown, data: unknown): unknown {
      return { event: 'said', data };
    }
  }

  const start = () => Deployment.http({ providers: [TransientGateway] });
  const deployment = await start();
  const client = await deployment.connect('/chat');
  expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
  expect(deployment.liveness.get(client.peer)?.gateways).toEqual(['TransientGateway']);
  await expectMonitored(await start(), '/chat');
});

test('a gateway with a durable dependency is monitored, and boot warns that its hooks are not called', async () => {
  const called: string[] = [];
  @Injectable({ scope: Scope.REQUEST, durable: true })
  class TenantState {
    constructor(@Inject(REQUEST) readonly request: unknown) {}
  }
  @WebSocketGateway({ path: '/chat' })
  class TenantGateway {
    constructor(readonly state: TenantState) {}
    handleEvict(): void {
      called.push('evict');
    }
    @SubscribeMessage('say')
    chat(_client: unknown, data: unknown): unknown {
      return { event: 'said', data };
    }
  }

  const logger = new LogRecorder();
  const deployment = await Deployment.http({ providers: [TenantState, TenantGateway] }, { logger });
  expect(logger.of('warn', 'handleEvict')).toHaveLength(1);
  const client = await deployment.connect('/chat');
  expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
  await expectMonitored(deployment, '/chat');
  expect(called).toEqual([]);
});

test('a gateway in a lazily loaded module gets no server from Nest, and the others stay monitored', async () => {
  const logger = new LogRecorder();
  const deployment = await Deployment.http({ providers: [ChatGateway] }, { logger });
  const { app, liveness } = deployment;
  const client = await deployment.connect('/chat');
  await app.get(LazyModuleLoader).load(() => LazyModule);
  await expect(openClient(`${deployment.url}/lazy`)).rejects.toThrow('socket hang up');
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
