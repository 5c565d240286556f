import { expect, test } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { Injectable, Module } from '@nestjs/common';
import { WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import type { WebSocketServer as Server } from 'ws';
import { createApp } from '../support/app.js';
import { startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

test('the module adds nothing to the keys or the JSON of a gateway', async () => {
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {
    readonly room = 'lobby';
  }

  const { app, connect, liveness } = await startMonitored([ChatGateway]);
  const { peer } = await connect('/chat');
  expect(liveness.isAlive(peer)).toBe(true);
  const gateway = app.get(ChatGateway);
  expect(Object.keys(gateway)).toEqual(['room']);
  expect(JSON.stringify(gateway)).toBe('{"room":"lobby"}');
});

test('@WebSocketServer() in a monitored gateway receives its server', async () => {
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {
    @WebSocketServer()
    readonly server: Server | undefined;
  }

  const { app, connect } = await startMonitored([ChatGateway]);
  const { peer } = await connect('/chat');
  expect([...(app.get(ChatGateway).server?.clients ?? [])]).toEqual([peer]);
});

test('a client is tracked before handleConnection() of its gateway runs', async () => {
  const alive: boolean[] = [];
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {
    constructor(private readonly liveness: LivenessService) {}
    handleConnection(client: never): void {
      alive.push(this.liveness.isAlive(client));
    }
  }

  const { connect } = await startMonitored([ChatGateway]);
  await connect('/chat');
  expect(alive).toEqual([true]);
});

test('an application without gateways starts and closes', async () => {
  const { close, liveness } = await startMonitored([]);
  expect(liveness.snapshot().servers).toEqual([]);
  await close();
});

test('an application context without servers starts and closes', async () => {
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {}
  @Module({ imports: [HeartbeatModule.forRoot()], providers: [ChatGateway] })
  class JobModule {}

  const context = await NestFactory.createApplicationContext(JobModule, { logger: false });
  const liveness = context.get(LivenessService);
  expect(liveness.size).toBe(0);
  expect(liveness.snapshot().servers).toEqual([]);
  await context.close();
});

test('an application that was never initialised can be closed', async () => {
  const app = await createApp({ imports: [HeartbeatModule.forRoot()] });
  await expect(app.close()).resolves.toBeUndefined();
});

test('LivenessService can be injected in every module, because HeartbeatModule is global', async () => {
  @Injectable()
  class Inner {
    constructor(readonly liveness: LivenessService) {}
  }
  @Module({ providers: [Inner] })
  class InnerModule {}

  const { app, liveness } = await startMonitored([], undefined, { imports: [InnerModule] });
  expect(app.get(Inner).liveness).toBe(liveness);
});

test('boot logs one line per server with its gateways and options', async () => {
  @Heartbeat({ idleTimeout: 60_000, dryRun: true })
  @WebSocketGateway({ path: '/one' })
  class FirstGateway {}
  @WebSocketGateway({ path: '/two' })
  class SecondGateway {}
  @Heartbeat(false)
  @WebSocketGateway({ path: '/three' })
  class ExemptGateway {}

  const logger = new LogRecorder();
  await startMonitored([FirstGateway, SecondGateway, ExemptGateway], {}, { logger });
  expect(logger.of('log').toSorted()).toEqual([
    'Monitoring FirstGateway (interval 25000 ms, timeout 45000 ms, idle timeout 60000 ms, dry run)',
    'Monitoring SecondGateway (interval 25000 ms, timeout 45000 ms)',
  ]);
});
