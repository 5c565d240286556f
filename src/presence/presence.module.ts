import {
  ConfigurableModuleBuilder,
  Global,
  Module,
  type DynamicModule,
  type FactoryProvider,
} from '@nestjs/common';
import { StartContext } from '../connections/start.context.js';
import { HEARTBEAT_CLOCK, systemClock } from '../heartbeat.clock.js';
import { PRESENCE_STATE } from '../heartbeat.constants.js';
import { ClientCloser } from './client.closer.js';
import { ClientTracker } from './client.tracker.js';
import { DisconnectOrders } from './disconnect.orders.js';
import { EntryWriter } from './entry.writer.js';
import { LeaseRenewal } from './lease.renewal.js';
import { LocalPresence } from './local.presence.js';
import { MonitoredClients } from './monitored.clients.js';
import { PresenceBootChecks } from './presence.boot-checks.js';
import { PresenceClock } from './presence.clock.js';
import { PresenceOptionsError } from './presence.errors.js';
import { PresenceLifecycle } from './presence.lifecycle.js';
import {
  PRESENCE_OPTIONS,
  RAW_PRESENCE_OPTIONS,
  resolvePresenceOptions,
  type PresenceModuleAsyncOptions,
  type PresenceOptions,
} from './presence.options.js';
import { PresenceQueries } from './presence.queries.js';
import { PresenceService } from './presence.service.js';
import { PresenceStatus } from './presence.status.js';
import { StoreCommands } from './store.commands.js';
import { TopicChanges } from './topic.changes.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<PresenceOptions>({
  optionsInjectionToken: RAW_PRESENCE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createPresenceOptions')
  .build();

const optionsProvider: FactoryProvider = {
  provide: PRESENCE_OPTIONS,
  inject: [{ token: RAW_PRESENCE_OPTIONS, optional: true }, HEARTBEAT_CLOCK],
  useFactory: resolvePresenceOptions,
};

/**
 * Knows the present users of all instances of an application: one import in the root module, beside `HeartbeatModule`.
 * Global, so that `PresenceService` can be injected everywhere; a second registration in one application is refused.
 *
 * @publicApi
 */
@Global()
@Module({
  providers: [
    PresenceBootChecks,
    optionsProvider,
    StartContext,
    // Also without HeartbeatModule, whose absence PresenceBootChecks reports.
    { provide: HEARTBEAT_CLOCK, useValue: systemClock },
    PresenceClock,
    StoreCommands,
    MonitoredClients,
    LocalPresence,
    EntryWriter,
    LeaseRenewal,
    ClientCloser,
    ClientTracker,
    DisconnectOrders,
    TopicChanges,
    PresenceQueries,
    PresenceLifecycle,
    PresenceService,
    PresenceStatus,
    { provide: PRESENCE_STATE, useExisting: PresenceStatus },
  ],
  exports: [PresenceService, PRESENCE_STATE],
})
export class PresenceModule extends ConfigurableModuleClass {
  /**
   * Keeps presence with options that are known at once. They are checked when the application starts, which fails with
   * `PresenceOptionsError` if they are invalid.
   */
  static override forRoot(options: PresenceOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * Keeps presence with options that come from elsewhere, such as a client of Redis that a provider makes.
   *
   * @throws PresenceOptionsError without one of `useFactory`, `useClass` and `useExisting`
   */
  static override forRootAsync(options: PresenceModuleAsyncOptions): DynamicModule {
    if (!options.useFactory && !options.useClass && !options.useExisting) {
      throw new PresenceOptionsError(
        'PresenceModule.forRootAsync() needs one of useFactory, useClass and useExisting.',
      );
    }
    return super.forRootAsync(options);
  }
}
