import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { answer, settings } from '../support/programs/answers.mjs';

/** A microservice with shutdown hooks, which sends itself SIGTERM on request. */
const { port, transportPort } = settings as { port: number; transportPort: number };

@WebSocketGateway(port, { host: '127.0.0.1' })
class PortGateway {}

@Module({ imports: [HeartbeatModule.forRoot()], providers: [PortGateway] })
class ServerModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(ServerModule, {
  transport: Transport.TCP,
  options: { host: '127.0.0.1', port: transportPort },
  logger: false,
});
app.useWebSocketAdapter(new WsAdapter(app));
app.enableShutdownHooks();
await app.listen();
answer({ terminate: () => void process.kill(process.pid, 'SIGTERM') });
