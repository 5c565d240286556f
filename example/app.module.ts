import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { HeartbeatDashboardModule } from 'nestjs-heartbeat/dashboard';
import { PresenceModule } from 'nestjs-heartbeat/presence';
import { HeartbeatPrometheusModule } from 'nestjs-heartbeat/prometheus';
import { ChatGateway } from './chat.gateway.js';
import { ChatRoom } from './chat.room.js';
import { MetricsController } from './metrics.controller.js';
import { SilentClients } from './silent-clients.service.js';

@Module({
  imports: [
    // Monitors every WebSocket gateway of the application.
    HeartbeatModule.forRoot(),
    // A page for operators, below /heartbeat. In production, set `guards` instead of `public`.
    HeartbeatDashboardModule.forRoot({ public: true }),
    HeartbeatPrometheusModule.forRoot(),
    // Who is present. Give it a RedisPresenceStore, and it knows the people of all instances.
    PresenceModule.forRoot(),
    // For the @Interval() in ChatRoom.
    ScheduleModule.forRoot(),
  ],
  controllers: [MetricsController],
  providers: [ChatGateway, ChatRoom, SilentClients],
})
export class AppModule {}
