import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import type { WebSocketServer as Server } from 'ws';
import type { Watch } from './watch.js';

/** A gateway that answers each message. */
@WebSocketGateway({ path: '/bench' })
class BenchGateway {
  @WebSocketServer()
  readonly server!: Server;

  @SubscribeMessage('say')
  onMessage(@MessageBody() data: unknown): unknown {
    return { event: 'said', data };
  }
}

export interface NestApp {
  readonly app: INestApplication;
  readonly server: Server;
  readonly port: number;
}

/** Starts a Nest application with one gateway and the given imports. */
export async function startNest(
  imports: DynamicModule[],
  watch?: Watch,
  controllers: Type[] = [],
): Promise<NestApp> {
  @Module({ imports, controllers, providers: [BenchGateway] })
  class BenchModule {}

  const app = await NestFactory.create(BenchModule, { logger: ['error'] });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  const { server } = app.get(BenchGateway);
  server.on('connection', (client, { socket }) => watch?.connection(client, socket));
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, server, port };
}
