import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { GatewayExplorer, type FoundServer } from '../discovery/gateway.explorer.js';
import type { MonitoredServer } from '../transport/monitored.server.js';
import { HEARTBEAT_OPTIONS } from '../heartbeat.constants.js';
import { escapeText } from '../heartbeat.text.js';
import type { ResolvedHeartbeatOptions } from '../heartbeat.options.js';
import { ConnectionDrain } from './connection.drain.js';
import { HeartbeatScheduler } from './heartbeat.scheduler.js';
import { findIntervalRegistry } from './interval.registry.js';

/** Starts and ends everything, in step with the application. */
@Injectable()
export class HeartbeatLifecycle
  implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  isStarted = false;
  isShutDown = false;

  private readonly logger = new Logger('HeartbeatModule');

  constructor(
    @Inject(HEARTBEAT_OPTIONS) private readonly options: ResolvedHeartbeatOptions,
    private readonly explorer: GatewayExplorer,
    private readonly connections: ConnectionRegistry,
    private readonly evictor: ConnectionEvictor,
    private readonly scheduler: HeartbeatScheduler,
    private readonly drain: ConnectionDrain,
    private readonly events: HeartbeatEvents,
    private readonly modules: ModulesContainer,
    private readonly http: HttpAdapterHost,
  ) {}

  /** Nest has made the servers by now. */
  onModuleInit(): void {
    const servers = this.explorer.servers();
    for (const found of servers) this.guard(found);
    if (servers.length > 0) this.warnOfMicroservice();
    this.scheduler.start(findIntervalRegistry(this.modules));
    this.isStarted = true;
  }

  /** Runs before the application's registry forgets all intervals, ours too: the drain needs the tick. */
  onModuleDestroy(): void {
    this.scheduler.leaveRegistry();
  }

  /** Runs before Nest terminates all clients. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.options.drain) await this.drain.start(this.options.drain);
    // The application may have begun a drain of its own, also where shutdown begins none.
    else await this.drain.finish();
  }

  /** Nest has closed the servers by now. */
  onApplicationShutdown(): void {
    this.isShutDown = true;
    this.scheduler.stop();
    this.connections.detachAll();
    this.evictor.log.flush(Infinity);
    this.events.complete();
  }

  private guard({ server, monitored, preInitConnections }: FoundServer): void {
    this.scheduler.fit(monitored.detectorPolicy);
    this.connections.attach(server, monitored, preInitConnections);
    this.warnOfTakenEvent(monitored);
    const { interval, timeout, idleTimeout, dryRun } = monitored.policy;
    this.logger.log(
      `Monitoring ${monitored.names.join(', ')}: pinged after ${interval} ms of silence, dead after ${timeout} ms` +
        `${idleTimeout === false ? '' : `, idle after ${idleTimeout} ms`}${dryRun ? ', observed only' : ''}`,
    );
  }

  /** A gateway that handles the reserved event itself keeps it. */
  private warnOfTakenEvent({ codec, gateways, policy: { event } }: MonitoredServer): void {
    if (codec !== undefined || event === false) return;
    const owner = gateways.find(({ events }) => events?.includes(event))?.name;
    this.logger.warn(
      `${owner} has a handler for ${escapeText(event)}, the event of heartbeat messages. It keeps it: ` +
        'heartbeat messages are not answered there. Set `event` to another name, or to false.',
    );
  }

  /**
   * `NestMicroservice.close()` closes the servers of gateways before it calls any hook. A microservice is known by
   * its lack of an HTTP server; a hybrid application has one, and calls the hooks first.
   */
  private warnOfMicroservice(): void {
    // `null` in a microservice, whatever the type says.
    const adapter = this.http.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
    if (!this.options.drain || adapter?.getHttpServer()) return;
    this.logger.warn(
      'This application is a microservice. Its close() terminates all clients before any shutdown hook runs, so ' +
        'they are not drained. Call `await liveness.drain()` before `app.close()`.',
    );
  }
}
