import { expect, test } from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import {
  Heartbeat,
  HeartbeatModule,
  type HeartbeatModuleOptions,
  LivenessService,
} from 'nestjs-heartbeat';
import type { WebSocketServer as Server } from 'ws';
import { createApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { EventEmitterAdapter } from '../support/event-emitter.adapter.js';
import { eventually } from '../support/eventually.js';
import { LogRecorder } from '../support/log-recorder.js';
import { startMonitored } from '../support/monitored.js';

const FACTORY_WARNING =
  'ChatGateway is provided by a factory or as a value. Nest creates no server for such a gateway, so ' +
  'it is not monitored. List the class itself among the providers.';

async function createWithOtherServers(provider: unknown, options?: HeartbeatModuleOptions) {
  const app = await createApp({
    imports: [HeartbeatModule.forRoot(options)],
    providers: [provider as typeof ChatGateway],
  });
  app.useWebSocketAdapter(new EventEmitterAdapter());
  return app;
}

test.each([
  ['a factory', { provide: 'CHAT', useFactory: () => new ChatGateway() }],
  ['a value', { provide: 'CHAT', useValue: new ChatGateway() }],
])('boot warns about a gateway from %s, for which Nest creates no server', async (_, provider) => {
  const logger = new LogRecorder();
  const { liveness } = await startMonitored([provider], undefined, { logger });
  expect(logger.of('warn')).toEqual([FACTORY_WARNING]);
  expect(liveness.snapshot().servers).toEqual([]);
});

test('a gateway under another token is monitored', async () => {
  const logger = new LogRecorder();
  const { connect, liveness } = await startMonitored(
    [{ provide: 'CHAT', useClass: ChatGateway }],
    undefined,
    { logger },
  );
  expect(logger.of('warn')).toEqual([]);
  const { peer } = await connect('/chat');
  expect(liveness.get(peer)?.gateways).toEqual(['ChatGateway']);
});

test('an alias of a gateway is not a second gateway and causes no warning', async () => {
  const logger = new LogRecorder();
  const { liveness } = await startMonitored(
    [ChatGateway, { provide: 'CHAT', useExisting: ChatGateway }],
    undefined,
    { logger },
  );
  expect(logger.of('warn')).toEqual([]);
  expect(liveness.snapshot().servers).toHaveLength(1);
});

test('other factories and values cause no warning', async () => {
  const logger = new LogRecorder();
  await startMonitored(
    [
      ChatGateway,
      { provide: 'NOTHING', useValue: null },
      { provide: 'TEXT', useValue: 'text' },
      { provide: 'BARE', useValue: Object.create(null) as unknown },
      { provide: 'MADE', useFactory: () => new Map() },
    ],
    undefined,
    { logger },
  );
  expect(logger.of('warn')).toEqual([]);
});

test('an application does not start if the server of a monitored gateway has no handleUpgrade()', async () => {
  const app = await createWithOtherServers(ChatGateway);
  await expect(app.init()).rejects.toMatchObject({
    name: 'HeartbeatOptionsError',
    message:
      'ChatGateway is monitored by HeartbeatModule, but its server is not a server of the `ws` package (it has no ' +
      'handleUpgrade()). Call app.useWebSocketAdapter(new WsAdapter(app)) from @nestjs/platform-ws before the ' +
      'application starts, or exempt the gateway with @Heartbeat(false).',
  });
  await app.close();
});

test("the error names the gateway with gateways: 'decorated' as well", async () => {
  @Heartbeat()
  @WebSocketGateway()
  class DecoratedGateway {}

  const app = await createWithOtherServers(DecoratedGateway, { gateways: 'decorated' });
  await expect(app.init()).rejects.toThrow(
    /^DecoratedGateway is monitored by HeartbeatModule, but/,
  );
  await app.close();
});

test('an exempt gateway can have any server', async () => {
  @Heartbeat(false)
  @WebSocketGateway()
  class ExemptGateway {}

  const app = await createWithOtherServers(ExemptGateway);
  await app.init();
  expect(app.get(LivenessService).snapshot().servers).toEqual([]);
  await app.close();
});

test("an undecorated gateway can have any server with gateways: 'decorated'", async () => {
  const app = await createWithOtherServers(ChatGateway, { gateways: 'decorated' });
  await app.init();
  expect(app.get(LivenessService).snapshot().servers).toEqual([]);
  await app.close();
});

test('clients of a request-scoped gateway are tracked, and dead ones are evicted', async () => {
  @Injectable({ scope: Scope.REQUEST })
  @WebSocketGateway({ path: '/scoped' })
  class ScopedGateway {
    @SubscribeMessage('hello')
    hello(): unknown {
      return { event: 'hello', data: 'there' };
    }
  }

  const { connect, events, liveness } = await startMonitored([ScopedGateway]);
  const dead = await connect('/scoped', { autoPong: false });
  expect(liveness.get(dead.peer)?.gateways).toEqual(['ScopedGateway']);
  expect(await dead.request('hello')).toEqual({ event: 'hello', data: 'there' });
  await dead.closed;
  expect(events.of('evicted')).toHaveLength(1);
});

test('hooks of a request-scoped gateway are not called, and boot logs a warning', async () => {
  const called: string[] = [];
  @Injectable({ scope: Scope.REQUEST })
  @WebSocketGateway({ path: '/scoped' })
  class ScopedGateway {
    handleSuspect(): void {
      called.push('suspect');
    }
    handleEvict(): void {
      called.push('evict');
    }
  }

  const logger = new LogRecorder();
  const { connect } = await startMonitored([ScopedGateway], undefined, { logger });
  expect(logger.of('warn')).toEqual([
    'ScopedGateway is request-scoped, so there is no instance on which to call handleSuspect, handleEvict. ' +
      'Make the gateway a singleton, or subscribe to LivenessService.events$ in one.',
  ]);
  const dead = await connect('/scoped', { autoPong: false });
  await dead.closed;
  expect(called).toEqual([]);
});

test('a gateway that depends on a request-scoped provider is request-scoped as well', async () => {
  @Injectable({ scope: Scope.REQUEST })
  class RequestState {}
  @WebSocketGateway({ path: '/scoped' })
  class DependentGateway {
    constructor(readonly state: RequestState) {}
    handleEvict(): void {
      throw new Error('never called');
    }
  }

  const logger = new LogRecorder();
  const { connect, liveness } = await startMonitored([RequestState, DependentGateway], undefined, {
    logger,
  });
  expect(logger.of('warn', 'DependentGateway is request-scoped')).toHaveLength(1);
  const { peer } = await connect('/scoped');
  expect(liveness.isAlive(peer)).toBe(true);
});

test('boot logs no warning about a request-scoped gateway without hooks', async () => {
  @Injectable({ scope: Scope.REQUEST })
  @WebSocketGateway({ path: '/scoped' })
  class ScopedGateway {}

  const logger = new LogRecorder();
  await startMonitored([ScopedGateway], undefined, { logger });
  expect(logger.of('warn')).toEqual([]);
});

test('instances that Nest creates later add no listener to the server', async () => {
  let made = 0;
  @Injectable({ scope: Scope.REQUEST })
  @WebSocketGateway({ path: '/scoped' })
  class ScopedGateway {
    handleConnection(): void {
      made++;
    }
  }
  @WebSocketGateway({ path: '/scoped' })
  class SingletonGateway {
    @WebSocketServer()
    readonly server!: Server;
  }

  const { app, connect } = await startMonitored([ScopedGateway, SingletonGateway]);
  const { server } = app.get(SingletonGateway);
  const before = server.listenerCount('connection');
  for (let count = 0; count < 3; count++) await connect('/scoped');
  expect(await eventually(() => made === 3)).toBe(true);
  expect(server.listenerCount('connection')).toBe(before);
});
