import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { GatewayExplorer } from '../discovery/gateway.explorer.js';
import { ConnectionDrain } from './connection.drain.js';
import { HeartbeatScheduler } from './heartbeat.scheduler.js';

/** Drains and stops monitoring when the application shuts down. */
@Injectable()
export class HeartbeatShutdown
  implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  private shutDown = false;

  constructor(
    private readonly explorer: GatewayExplorer,
    private readonly connections: ConnectionRegistry,
    private readonly evictor: ConnectionEvictor,
    private readonly scheduler: HeartbeatScheduler,
    private readonly drain: ConnectionDrain,
    private readonly events: HeartbeatEvents,
  ) {}

  get isShutDown(): boolean {
    return this.shutDown;
  }

  /** Runs before the `SchedulerRegistry` deletes all intervals, this one too. The drain needs the tick. */
  onModuleDestroy(): void {
    this.scheduler.leaveRegistry();
  }

  /** Runs before Nest terminates all clients. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.drain.shutDown();
  }

  /** Nest has closed the servers by now. */
  onApplicationShutdown(): void {
    this.shutDown = true;
    this.scheduler.stop();
    this.connections.detachAll();
    this.explorer.release();
    this.evictor.log.flush(Infinity);
    this.events.complete();
  }
}
