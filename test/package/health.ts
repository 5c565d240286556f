// The application that node.e2e.spec.ts compiles and runs on Nest 11, with Terminus 11. It prints the answers of the health
// route after a stall and during a drain.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { HeartbeatHealthIndicator } from 'nestjs-heartbeat/terminus';

@WebSocketGateway({ path: '/chat' })
class ChatGateway {}

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly heartbeat: HeartbeatHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([
      // No stall of a busy machine is that long.
      () => this.heartbeat.isReady('ready', { stall: 10_000 }),
      () => this.heartbeat.isReady('stalled', { stall: 500 }),
      () => this.heartbeat.isAlive('alive'),
    ]);
  }
}

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), HeartbeatModule.forRoot()],
  controllers: [HealthController],
  providers: [ChatGateway, HeartbeatHealthIndicator],
})
class AppModule {}

interface Check {
  readonly status: string;
  readonly degraded?: boolean;
  readonly reason?: string;
}

interface Report {
  readonly status: string;
  readonly details: Record<'ready' | 'stalled' | 'alive', Check>;
}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0);
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  const print = async () => {
    const response = await fetch(`${url}/health`, { headers: { connection: 'close' } });
    const { status, details } = (await response.json()) as Report;
    const { ready, stalled, alive } = details;
    const { degraded, reason } = stalled;
    console.log(response.status, status, ready.status, alive.status, { degraded, reason });
  };

  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  await print();
  await app.get(LivenessService).drain();
  await print();
  await app.close();
}

void main();
