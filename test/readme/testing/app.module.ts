import { Module } from '@nestjs/common';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { ChatGateway } from './chat.gateway.js';

@Module({ imports: [HeartbeatModule.forRoot()], providers: [ChatGateway] })
export class AppModule {}
