// The application of the consumers: a gateway of a CommonJS library and one of an ESM library in one Nest application.
import 'reflect-metadata';
import { strictEqual } from 'node:assert';
import { once } from 'node:events';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { withHeartbeat } from 'nestjs-heartbeat/client';
import { connect } from 'nestjs-heartbeat/client/reconnect';
import { WebSocket } from 'ws';

export interface GatewayLibrary {
  readonly path: string;
  readonly Gateway: Type<{ readonly liveness: LivenessService }>;
  /** What the library got from nestjs-heartbeat and its sub-paths. */
  readonly LivenessService: typeof LivenessService;
  readonly withHeartbeat: typeof withHeartbeat;
  readonly connect: typeof connect;
}

@Module({})
class AppModule {}

/** Boots the application, connects a client to each gateway, closes. Rejects where the libraries see another copy. */
export async function checkIdentity(...libraries: readonly GatewayLibrary[]): Promise<void> {
  const imports = [HeartbeatModule.forRoot({ drain: { within: 1_000 } })];
  const providers = libraries.map(({ Gateway }) => Gateway);
  const app = await NestFactory.create(
    { module: AppModule, imports, providers },
    { logger: ['error'], abortOnError: false },
  );
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');

  const url = (await app.getUrl()).replace('http', 'ws');
  const liveness = app.get(LivenessService);
  const clients: WebSocket[] = [];
  for (const library of libraries) {
    strictEqual(library.LivenessService, LivenessService);
    strictEqual(library.withHeartbeat, withHeartbeat);
    strictEqual(library.connect, connect);
    strictEqual(app.get(library.Gateway).liveness, liveness);
    const client = new WebSocket(`${url}${library.path}`);
    await once(client, 'open');
    clients.push(client);
    strictEqual([...liveness.clients({ gateway: library.Gateway })].length, 1);
  }
  strictEqual(liveness.size, libraries.length);

  const closes = clients.map(async (client) => once(client, 'close'));
  await app.close();
  for (const [code] of await Promise.all(closes)) strictEqual(code, 1012);
  strictEqual(liveness.size, 0);
}
