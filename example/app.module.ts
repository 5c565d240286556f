import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { ChatGateway } from './chat.gateway.js';
import { ChatRoom } from './chat.room.js';
import { SilentClients } from './silent-clients.service.js';

@Module({
  // HeartbeatModule monitors every WebSocket gateway of the application.
  // ScheduleModule is there for the @Interval() in ChatRoom.
  imports: [HeartbeatModule.forRoot(), ScheduleModule.forRoot()],
  providers: [ChatGateway, ChatRoom, SilentClients],
})
export class AppModule {}
