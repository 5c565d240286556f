import { Inject, Injectable } from '@nestjs/common';
import type { WebSocketServer } from 'ws';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { isWsServer } from '../discovery/nest.metadata.js';
import { PreInitConnections } from '../discovery/pre-init.connections.js';
import { HEARTBEAT_OPTIONS } from '../heartbeat.constants.js';
import { HeartbeatOptionsError } from '../heartbeat.errors.js';
import { optionsErrors } from '../heartbeat.options.messages.js';
import type { HeartbeatOptions, ResolvedHeartbeatOptions } from '../heartbeat.options.js';
import { modulePolicy, resolveWatch } from '../heartbeat.options.resolver.js';
import { HeartbeatScheduler } from '../lifecycle/heartbeat.scheduler.js';
import { MonitoredServer } from '../transport/monitored.server.js';
import { TrackedClients } from './tracked.clients.js';

/** `LivenessService.watch()`: monitors `ws` servers that belong to no gateway. */
@Injectable()
export class ServerWatcher {
  constructor(
    @Inject(HEARTBEAT_OPTIONS) private readonly options: ResolvedHeartbeatOptions,
    private readonly connections: ConnectionRegistry,
    private readonly scheduler: HeartbeatScheduler,
    private readonly tracked: TrackedClients,
  ) {}

  watch(server: WebSocketServer, options: HeartbeatOptions & { name?: string }): () => void {
    this.tracked.refuseAfterShutdown('watch');
    if (!isWsServer(server)) throw new HeartbeatOptionsError(optionsErrors.notAServer());
    if (this.connections.servers.has(server))
      throw new HeartbeatOptionsError(optionsErrors.alreadyWatched());
    const { name, policy } = resolveWatch(modulePolicy(this.options), options);
    const monitored = new MonitoredServer(
      [{ name: this.connections.servers.freeName(name) }],
      policy,
    );
    this.scheduler.fit(monitored.connectionPolicy);
    this.connections.attach(server, monitored, new PreInitConnections().of(server));
    return () => {
      if (this.connections.servers.isMonitoredBy(server, monitored))
        this.connections.detach(server);
    };
  }
}
