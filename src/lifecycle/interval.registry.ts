import type { ModulesContainer } from '@nestjs/core';

/** The part of the `SchedulerRegistry` of `@nestjs/schedule` that the tick needs. */
export interface IntervalRegistry {
  doesExist(type: 'interval', name: string): boolean;
  addInterval(name: string, interval: NodeJS.Timeout): void;
  deleteInterval(name: string): void;
}

const CLASS_NAME = 'SchedulerRegistry';
const METHODS = ['doesExist', 'addInterval', 'deleteInterval'];

/**
 * Finds the `SchedulerRegistry` of the application; `undefined` if it has none. The class is recognised by its name and
 * methods, because `@nestjs/schedule` is an optional peer: an import, even of its types, would require it.
 */
export function findIntervalRegistry(modules: ModulesContainer): IntervalRegistry | undefined {
  for (const { providers } of modules.values()) {
    for (const [token, provider] of providers) {
      if (typeof token !== 'function' || token.name !== CLASS_NAME) continue;
      // A request-scoped provider has no instance outside a request.
      if (!provider.isDependencyTreeStatic()) continue;
      const instance: unknown = provider.instance;
      if (isIntervalRegistry(instance)) return instance;
    }
  }
  return undefined;
}

function isIntervalRegistry(instance: unknown): instance is IntervalRegistry {
  return (
    typeof instance === 'object' &&
    instance !== null &&
    METHODS.every((method) => typeof Reflect.get(instance, method) === 'function')
  );
}
