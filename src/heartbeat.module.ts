import { Global, Inject, Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { ConnectionCounters } from './connections/connection.counters.js';
import { ConnectionHistory } from './connections/connection.history.js';
import { ConnectionEvictor } from './connections/connection.evictor.js';
import { ConnectionObservers } from './connections/connection.observers.js';
import { ConnectionReceiver } from './connections/connection.receiver.js';
import { ConnectionReports } from './connections/connection.reports.js';
import { ConnectionRegistry } from './connections/connection.registry.js';
import { HeartbeatEvents } from './connections/heartbeat.events.js';
import { FloodControl } from './connections/flood.control.js';
import { HeartbeatMessages } from './connections/heartbeat.messages.js';
import { RoundTrips } from './connections/round-trips.js';
import { StartContext } from './connections/start.context.js';
import { DiscoveryModule } from '@nestjs/core';
import { GatewayExplorer } from './discovery/gateway.explorer.js';
import { BootWarnings } from './discovery/boot.warnings.js';
import { HeartbeatBootChecks } from './heartbeat.boot-checks.js';
import { HEARTBEAT_CLOCK, systemClock, type HeartbeatClock } from './heartbeat.clock.js';
import { HEARTBEAT_OPTIONS, RAW_OPTIONS } from './heartbeat.constants.js';
import { HeartbeatOptionsError } from './heartbeat.errors.js';
import { optionsErrors } from './heartbeat.options.messages.js';
import { ConfigurableModuleClass } from './heartbeat.module-definition.js';
import type { HeartbeatModuleAsyncOptions, HeartbeatModuleOptions } from './heartbeat.options.js';
import { resolveModuleOptions } from './heartbeat.options.resolver.js';
import { ConnectionDrain } from './lifecycle/connection.drain.js';
import { HeartbeatShutdown } from './lifecycle/heartbeat.shutdown.js';
import { HeartbeatStartup } from './lifecycle/heartbeat.startup.js';
import { HeartbeatScheduler } from './lifecycle/heartbeat.scheduler.js';
import { ConnectionChecker } from './lifecycle/connection.checker.js';
import { ClientCommands } from './liveness/client.commands.js';
import { ClientQueries } from './liveness/client.queries.js';
import { HeartbeatSnapshots } from './liveness/heartbeat.snapshots.js';
import { ServerWatcher } from './liveness/server.watcher.js';
import { TrackedClients } from './liveness/tracked.clients.js';
import { LivenessGate } from './liveness/liveness.gate.js';
import { LivenessService } from './liveness/liveness.service.js';
import { Prober } from './liveness/prober.js';
import { FailureDetector } from './detector/failure-detector.js';

const optionsProvider: FactoryProvider = {
  provide: HEARTBEAT_OPTIONS,
  // Optional: a bare `imports: [HeartbeatModule]` gives no options, and means the defaults.
  inject: [{ token: RAW_OPTIONS, optional: true }],
  useFactory: (raw: HeartbeatModuleOptions | undefined) =>
    resolveModuleOptions(raw, 'HeartbeatModule'),
};

const detectorProvider: FactoryProvider = {
  provide: FailureDetector,
  inject: [HEARTBEAT_CLOCK],
  useFactory: (clock: HeartbeatClock) => new FailureDetector(clock.now()),
};

/**
 * Monitors the WebSocket gateways of an application: one import, in the root module. Global, so that
 * `LivenessService` can be injected everywhere; a second registration in one application is refused.
 * `imports: [HeartbeatModule]` is the same as `forRoot()` without options, and may stand in several modules.
 *
 * @publicApi
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    HeartbeatBootChecks,
    optionsProvider,
    { provide: HEARTBEAT_CLOCK, useValue: systemClock },
    detectorProvider,
    StartContext,
    HeartbeatEvents,
    RoundTrips,
    ConnectionEvictor,
    FloodControl,
    HeartbeatMessages,
    ConnectionObservers,
    ConnectionCounters,
    ConnectionHistory,
    ConnectionReports,
    ConnectionReceiver,
    ConnectionRegistry,
    GatewayExplorer,
    BootWarnings,
    ConnectionChecker,
    HeartbeatScheduler,
    ConnectionDrain,
    HeartbeatStartup,
    HeartbeatShutdown,
    Prober,
    TrackedClients,
    ClientQueries,
    ClientCommands,
    ServerWatcher,
    HeartbeatSnapshots,
    LivenessService,
    LivenessGate,
  ],
  exports: [
    LivenessService,
    LivenessGate,
    HEARTBEAT_OPTIONS,
    HEARTBEAT_CLOCK,
    // For the modules of the other entry points.
    ConnectionObservers,
    ClientQueries,
  ],
})
export class HeartbeatModule extends ConfigurableModuleClass {
  /**
   * Monitors the gateways with options that are known at once. They are checked when the application
   * starts, which fails with `HeartbeatOptionsError` if they are invalid.
   */
  static override forRoot(options: HeartbeatModuleOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * Monitors the gateways with options that come from elsewhere, such as a configuration service. An application in
   * which they depend on a request-scoped provider does not start: the whole module would be request-scoped.
   *
   * @throws HeartbeatOptionsError without one of `useFactory`, `useClass` and `useExisting`
   */
  static override forRootAsync(options: HeartbeatModuleAsyncOptions): DynamicModule {
    if (!options.useFactory && !options.useClass && !options.useExisting) {
      throw new HeartbeatOptionsError(optionsErrors.noAsyncSource());
    }
    return super.forRootAsync(options);
  }
}

/**
 * Injects the module's options, validated and with all defaults.
 *
 * @publicApi
 */
export const InjectHeartbeatOptions = (): ParameterDecorator => Inject(HEARTBEAT_OPTIONS);
