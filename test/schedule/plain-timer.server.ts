import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { answer, settings } from '../support/programs/answers.mjs';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';

/** An application in a process that cannot load `@nestjs/schedule`; see hide-schedule.mjs. */
const { interval, timeout } = settings as { interval: number; timeout: number };

@Module({ imports: [HeartbeatModule.forRoot({ interval, timeout })], providers: [ChatGateway] })
class ServerModule {}

const app = await NestFactory.create(ServerModule, { logger: false });
app.useWebSocketAdapter(new WsAdapter(app));
await listenAnywhere(app);
answer({
  url: () => urlOf(app),
  importSchedule: () =>
    import('@nestjs/schedule').then(
      () => 'loaded',
      (error: NodeJS.ErrnoException) => error.code,
    ),
  close: () => app.close(),
});
