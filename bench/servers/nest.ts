// A Nest application with one gateway that answers each message. Settings: see `NestSettings`.
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { answer, settings } from '../support/program.js';

export interface NestSettings {
  /** Options of the module; `false`: without the module. */
  readonly heartbeat: HeartbeatModuleOptions | false;
}

@WebSocketGateway({ path: '/bench' })
class BenchGateway {
  @SubscribeMessage('say')
  say(@MessageBody() data: unknown): unknown {
    return { event: 'said', data };
  }
}

const { heartbeat } = settings() as NestSettings;

@Module({
  imports: heartbeat ? [HeartbeatModule.forRoot(heartbeat)] : [],
  providers: [BenchGateway],
})
class BenchModule {}

const app = await NestFactory.create(BenchModule, { logger: ['error', 'warn'] });
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address() as AddressInfo;

answer({
  port: () => port,
  /** Microseconds of processor time so far. */
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
});
