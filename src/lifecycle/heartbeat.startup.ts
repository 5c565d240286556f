import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { BootWarnings } from '../discovery/boot.warnings.js';
import { GatewayExplorer, type FoundServer } from '../discovery/gateway.explorer.js';
import { logger } from '../heartbeat.logger.js';
import { HeartbeatScheduler } from './heartbeat.scheduler.js';
import { findIntervalRegistry } from './interval.registry.js';

/** Starts monitoring when the application starts. */
@Injectable()
export class HeartbeatStartup implements OnModuleInit {
  private started = false;

  constructor(
    private readonly explorer: GatewayExplorer,
    private readonly warnings: BootWarnings,
    private readonly connections: ConnectionRegistry,
    private readonly scheduler: HeartbeatScheduler,
    private readonly modules: ModulesContainer,
  ) {}

  get isStarted(): boolean {
    return this.started;
  }

  /** Nest has created the servers by now. */
  onModuleInit(): void {
    const servers = this.explorer.servers();
    this.warnings.log(servers.map(({ monitored }) => monitored));
    for (const found of servers) this.attach(found);
    this.scheduler.start(findIntervalRegistry(this.modules));
    this.started = true;
  }

  private attach({ server, monitored, preInitConnections }: FoundServer): void {
    this.scheduler.fit(monitored.connectionPolicy);
    this.connections.attach(server, monitored, preInitConnections);
    const { interval, timeout, idleTimeout, dryRun } = monitored.policy;
    const idle = idleTimeout === false ? '' : `, idle timeout ${idleTimeout} ms`;
    logger.log(
      `Monitoring ${monitored.names.join(', ')} (interval ${interval} ms, timeout ${timeout} ms${idle}` +
        `${dryRun ? ', dry run' : ''})`,
    );
  }
}
