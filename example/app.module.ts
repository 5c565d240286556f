import { type DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { HeartbeatDashboardModule } from 'nestjs-heartbeat/dashboard';
import { PresenceModule, type PresenceOptions } from 'nestjs-heartbeat/presence';
import { HeartbeatPrometheusModule } from 'nestjs-heartbeat/prometheus';
import { Registry } from 'prom-client';
import { ChatGateway } from './chat.gateway.js';
import { ChatRoom } from './chat.room.js';
import { Instances } from './instances.service.js';
import { MetricsController } from './metrics.controller.js';
import { SilentClients } from './silent-clients.service.js';

@Module({
  imports: [
    // Monitors every WebSocket gateway of the application.
    HeartbeatModule.forRoot(),
    // A page for operators, below /heartbeat. In production, set `guards` instead of `public`.
    HeartbeatDashboardModule.forRoot({ public: true }),
    // For the @Interval() in ChatRoom and Instances.
    ScheduleModule.forRoot(),
  ],
  controllers: [MetricsController],
  providers: [ChatGateway, ChatRoom, Instances, SilentClients],
})
export class AppModule {
  /** @param presence `store`: where the instances keep presence, so that they know each other's people */
  static forRoot(presence: PresenceOptions = {}): DynamicModule {
    // Not the default registry: `npm run start:cluster` can run several applications in one process.
    const registry = new Registry();
    return {
      module: AppModule,
      imports: [
        HeartbeatPrometheusModule.forRoot({ registry }),
        // Shorter than the defaults (15 s, 5 s and 5 s), as is the policy of ChatGateway.
        PresenceModule.forRoot({ lease: 3_000, renew: 1_000, linger: 1_000, ...presence }),
      ],
      providers: [{ provide: Registry, useValue: registry }],
    };
  }
}
