// The application that node.e2e.spec.ts compiles and runs. It exits without process.exit(): a timer or a socket that outlived
// `app.close()` would keep it running.
import 'reflect-metadata';
import { strictEqual } from 'node:assert';
import { once } from 'node:events';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import {
  type Eviction,
  Heartbeat,
  HeartbeatModule,
  type HeartbeatModuleOptions,
  LivenessService,
  type OnGatewayEvict,
} from 'nestjs-heartbeat';
import { WebSocket } from 'ws';

@Heartbeat({ interval: 1_000, timeout: 3_000 })
@WebSocketGateway({ path: '/chat' })
class ChatGateway implements OnGatewayEvict {
  readonly evictions: Eviction[] = [];

  constructor(readonly liveness: LivenessService) {}

  handleEvict(_client: WebSocket, eviction: Eviction): void {
    this.evictions.push(eviction);
  }
}

const options: HeartbeatModuleOptions = { drain: { within: 1_000 } };

@Module({ imports: [HeartbeatModule.forRoot(options)], providers: [ChatGateway] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0);
  const gateway = app.get(ChatGateway);

  const url = (await app.getUrl()).replace('http', 'ws').replace('[::1]', 'localhost');
  const client = new WebSocket(`${url}/chat`);
  await once(client, 'open');
  strictEqual(gateway.liveness.size, 1);

  const closed = once(client, 'close');
  await app.close();
  strictEqual((await closed)[0], 1012);
  strictEqual(gateway.evictions[0]?.cause, 'drain');
  strictEqual(gateway.liveness.size, 0);
  console.log('app closed');
}

void main();
