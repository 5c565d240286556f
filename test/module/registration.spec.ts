import { expect, test } from '@jest/globals';
import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import {
  Heartbeat,
  HeartbeatModule,
  InjectHeartbeatOptions,
  LivenessService,
  type ResolvedHeartbeatOptions,
} from 'nestjs-heartbeat';
import type { WebSocketServer as Server } from 'ws';
import { createApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { LogRecorder } from '../support/log-recorder.js';
import { startMonitored, startWith } from '../support/monitored.js';

@Injectable()
class Reader {
  constructor(
    readonly liveness: LivenessService,
    @InjectHeartbeatOptions() readonly options: ResolvedHeartbeatOptions,
  ) {}
}

const REGISTERED_TWICE =
  'HeartbeatModule.forRoot() or forRootAsync() is imported more than once in this application. The module is ' +
  'global: import it in one place, usually the root module, and use @Heartbeat() for differences between gateways.';

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

test('imports: [HeartbeatModule] uses all defaults', async () => {
  const { app, connect, liveness } = await startWith({
    imports: [HeartbeatModule],
    providers: [ChatGateway, Reader],
  });
  const reference = await createApp({ imports: [HeartbeatModule.forRoot()], providers: [Reader] });
  expect(app.get(Reader).options).toEqual(reference.get(Reader).options);
  expect(app.get(Reader).liveness).toBe(liveness);
  const { peer } = await connect('/chat');
  expect(liveness.get(peer)).toMatchObject({ state: 'alive', gateways: ['ChatGateway'] });
});

test('several modules can import HeartbeatModule and share one instance', async () => {
  @Module({ imports: [HeartbeatModule], providers: [ChatGateway] })
  class ChatModule {}
  @Module({ imports: [HeartbeatModule], providers: [Reader], exports: [Reader] })
  class ReaderModule {}

  const { app, connect, liveness } = await startWith({ imports: [ChatModule, ReaderModule] });
  const { peer } = await connect('/chat');
  expect(liveness.isAlive(peer)).toBe(true);
  expect(app.get(Reader, { strict: false }).liveness).toBe(liveness);
});

test.each<[string, DynamicModule, DynamicModule]>([
  ['forRoot() twice', HeartbeatModule.forRoot(), HeartbeatModule.forRoot()],
  [
    'forRoot() beside forRootAsync()',
    HeartbeatModule.forRoot(),
    HeartbeatModule.forRootAsync({ useFactory: () => ({}) }),
  ],
])('an application with %s does not start', async (_, first, second) => {
  await expect(createApp({ imports: [first, second] })).rejects.toMatchObject({
    code: 'HEARTBEAT_OPTIONS',
    message: REGISTERED_TWICE,
  });
});

test('an application with a second forRoot() in an imported module does not start', async () => {
  @Module({ imports: [HeartbeatModule.forRoot()] })
  class FeatureModule {}

  const made = createApp({ imports: [HeartbeatModule.forRoot(), FeatureModule] });
  await expect(made).rejects.toThrow(REGISTERED_TWICE);
});

test('two modules can import the result of one forRoot()', async () => {
  const heartbeat = HeartbeatModule.forRoot();
  @Module({ imports: [heartbeat] })
  class FeatureModule {}

  const app = await createApp({ imports: [heartbeat, FeatureModule] });
  await expect(app.init()).resolves.toBe(app);
  await app.close();
});

test('HeartbeatModule itself beside forRoot() is refused, and the error names the modules that import it', async () => {
  @Module({ imports: [HeartbeatModule] })
  class FeatureModule {}
  @Module({ imports: [FeatureModule, HeartbeatModule] })
  class OtherModule {}

  const made = createApp({ imports: [HeartbeatModule.forRoot(), OtherModule] });
  await expect(made).rejects.toMatchObject({
    code: 'HEARTBEAT_OPTIONS',
    message: expect.stringMatching(
      /^(FeatureModule, OtherModule|OtherModule, FeatureModule) imports HeartbeatModule itself, beside a HeartbeatModule\.forRoot\(\) or forRootAsync\(\) in this application\. The module is global, remove this import\.$/,
    ) as unknown,
  });
});
