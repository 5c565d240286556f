import { Injectable, type InjectionToken, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { RAW_OPTIONS } from './heartbeat.constants.js';
import { guardNotInjected, HeartbeatOptionsError } from './heartbeat.errors.js';
import { optionsErrors } from './heartbeat.options.messages.js';
import { HeartbeatGuard, isInjected } from './liveness/heartbeat.guard.js';

type Provider = ReturnType<typeof providersOf>[number];

/**
 * Refuses, when the application starts, what would leave the module or its guard without effect. It depends on nothing
 * that depends on the options: a module whose options are request-scoped has no other instance at boot.
 */
@Injectable()
export class HeartbeatBootChecks implements OnModuleInit {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
  ) {}

  /** All dependencies are resolved by now: before, no scope is known. */
  onModuleInit(): void {
    this.refuseRequestScope();
    this.refuseGuardsWithoutInjection();
  }

  private refuseRequestScope(): void {
    const providers = [...this.modules.values()].flatMap(providersOf);
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

function providersOf({ providers }: { providers: ModulesOf['providers'] }) {
  return [...providers.values()];
}

type ModulesOf = ModulesContainer extends Map<string, infer Module> ? Module : never;

/** `inject` of a factory lists tokens, or objects with one. */
function tokenOf(dependency: NonNullable<Provider['inject']>[number]): InjectionToken {
  return typeof dependency === 'object' && 'token' in dependency ? dependency.token : dependency;
}

function nameOf(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}
