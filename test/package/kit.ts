// The test of a gateway with `nestjs-heartbeat/testing`, which runs in every test runner. The runner is given by the file that
// imports this one.
import { deepStrictEqual, strictEqual } from 'node:assert';
import { Module } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import {
  HEARTBEAT_CLOCK,
  HeartbeatTestClock,
  LivenessServiceStub,
  openClient,
} from 'nestjs-heartbeat/testing';

@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  readonly evicted: string[] = [];

  constructor(readonly liveness: LivenessService) {}

  handleEvict(_client: unknown, { cause }: { cause: string }): void {
    this.evicted.push(cause);
  }
}

@Module({ imports: [HeartbeatModule.forRoot()], providers: [ChatGateway] })
class AppModule {}

/** A client that goes silent is evicted after 45 s, which take no time. */
export async function evictsTheSilent(): Promise<void> {
  const clock = new HeartbeatTestClock();
  const testing = Test.createTestingModule({ imports: [AppModule] });
  const module = await testing.overrideProvider(HEARTBEAT_CLOCK).useValue(clock).compile();
  const app = module.createNestApplication({ logger: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  const client = await openClient(app, { path: '/chat', answersPings: false });
  await clock.advance(100_000);
  strictEqual((await client.closed).code, 1006);
  deepStrictEqual(app.get(ChatGateway).evicted, ['unresponsive']);
  await app.close();
}

/** A hook as a unit test. */
export async function callsTheHook(): Promise<void> {
  const stub = new LivenessServiceStub();
  const gateway = new ChatGateway(stub);
  stub.callHooksOf(gateway);
  const client = {};
  stub.add(client);
  strictEqual(gateway.liveness.size, 1);
  await stub.evict(client, 'idle');
  deepStrictEqual(gateway.evicted, ['idle']);
}
