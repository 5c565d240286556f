import { Injectable, type InjectionToken, type OnModuleInit, type Type } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  HttpAdapterHost,
  ModulesContainer,
} from '@nestjs/core';
import { HEARTBEAT_OPTIONS, RAW_OPTIONS } from './heartbeat.constants.js';
import { guardNotInjected, HeartbeatOptionsError } from './heartbeat.errors.js';
import { optionsErrors } from './heartbeat.options.messages.js';
import { HeartbeatGuard, isInjected } from './liveness/heartbeat.guard.js';

/** Metadata of `@Module()`: its `imports`. */
const IMPORTS = 'imports';

/**
 * Checks at boot that the module and its guard take effect, and refuses to start otherwise. It depends on nothing that
 * depends on the options: if the options are request-scoped, such a provider has no instance at boot.
 */
@Injectable()
export class HeartbeatBootChecks implements OnModuleInit {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly discovery: DiscoveryService,
    private readonly config: ApplicationConfig,
    private readonly http: HttpAdapterHost,
  ) {
    this.refuseSecondModule();
    this.refuseLazyModule();
  }

  /** All dependencies are resolved by now. Before that, no scope is known. */
  onModuleInit(): void {
    this.refuseRequestScope();
    this.refuseGuardsWithoutInjection();
  }

  private refuseSecondModule(): void {
    const registered = [...this.modules.values()].filter(({ providers }) =>
      providers.has(HEARTBEAT_OPTIONS),
    );
    if (registered.length < 2) return;
    const bare = registered.find(({ providers }) => !providers.has(RAW_OPTIONS));
    throw new HeartbeatOptionsError(
      bare === undefined
        ? optionsErrors.registeredTwice()
        : optionsErrors.bareBesideRoot(this.importersOf(bare.metatype)),
    );
  }

  /** The names of the modules that list a class among their imports. */
  private importersOf(imported: Type): string[] {
    const importers = [...this.modules.values()].filter(({ metatype }) =>
      (Reflect.getMetadata(IMPORTS, metatype) as unknown[] | undefined)?.includes(imported),
    );
    return importers.map(({ name }) => name);
  }

  /** `LazyModuleLoader` loads a module after Nest has bound all gateways. */
  private refuseLazyModule(): void {
    if (this.http.listening) throw new HeartbeatOptionsError(optionsErrors.loadedLazily());
  }

  private refuseRequestScope(): void {
    const providers = this.discovery.getProviders();
    const options = providers.find(({ token }) => token === RAW_OPTIONS);
    if (options === undefined || options.isDependencyTreeStatic()) return;
    const scoped = providers.filter((provider) => !provider.isDependencyTreeStatic());
    const names = (options.inject ?? [])
      .map(tokenOf)
      .filter((token) => scoped.some((provider) => provider.token === token))
      .map(nameOf);
    throw new HeartbeatOptionsError(optionsErrors.requestScoped(names));
  }

  private refuseGuardsWithoutInjection(): void {
    for (const guard of this.config.getGlobalGuards()) {
      if (guard instanceof HeartbeatGuard && !isInjected(guard)) throw guardNotInjected();
    }
  }
}

type Dependency = NonNullable<
  ReturnType<DiscoveryService['getProviders']>[number]['inject']
>[number];

/** `inject` of a factory lists tokens, or objects with one. */
function tokenOf(dependency: Dependency): InjectionToken {
  return typeof dependency === 'object' && 'token' in dependency ? dependency.token : dependency;
}

function nameOf(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}
