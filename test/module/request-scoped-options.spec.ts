import { expect, test } from '@jest/globals';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  HeartbeatModule,
  type HeartbeatModuleAsyncOptions,
  type HeartbeatModuleOptions,
  type HeartbeatOptionsFactory,
} from 'nestjs-heartbeat';
import { createApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { startWith } from '../support/monitored.js';

const TEXT = (names: string) =>
  `HeartbeatModule.forRootAsync(): its options depend on the request-scoped ${names}. Nest would create ` +
  'the module for each request, and no client would be monitored. Use only providers of the default scope, such as a ' +
  'configuration service that does not read the request.';

@Injectable({ scope: Scope.REQUEST })
class Tenant {
  readonly interval = 5_000;
}

@Injectable()
class TenantConfig {
  constructor(readonly tenant: Tenant) {}
}

@Injectable()
class TransitiveFactory implements HeartbeatOptionsFactory {
  constructor(private readonly config: TenantConfig) {}
  createHeartbeatOptions(): HeartbeatModuleOptions {
    return { interval: this.config.tenant.interval };
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedFactory implements HeartbeatOptionsFactory {
  createHeartbeatOptions(): HeartbeatModuleOptions {
    return {};
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class Durable {}

@Injectable()
class Header {
  constructor(@Inject(REQUEST) readonly request: unknown) {}
}

@Injectable()
class Settings {
  readonly interval = 5_000;
}

@Injectable({ scope: Scope.TRANSIENT })
class TransientSettings {
  readonly interval = 5_000;
}

const SCOPED = [Tenant, TenantConfig, TransitiveFactory, ScopedFactory, Durable, Header, Settings];

@Module({ providers: SCOPED, exports: SCOPED })
class ScopedModule {}

const imports = [ScopedModule];

test.each<[string, HeartbeatModuleAsyncOptions, string]>([
  [
    'useFactory',
    { imports, inject: [Settings, Tenant], useFactory: ({ interval }: Tenant) => ({ interval }) },
    'Tenant',
  ],
  [
    'useFactory, transitively',
    { imports, inject: [TenantConfig], useFactory: () => ({}) },
    'TenantConfig',
  ],
  [
    'useFactory, optionally',
    { imports, inject: [{ token: Tenant, optional: true }], useFactory: () => ({}) },
    'Tenant',
  ],
  ['useFactory with REQUEST', { inject: [REQUEST], useFactory: () => ({}) }, 'REQUEST'],
  ['useFactory, through REQUEST', { imports, inject: [Header], useFactory: () => ({}) }, 'Header'],
  ['useFactory, durable', { imports, inject: [Durable], useFactory: () => ({}) }, 'Durable'],
  ['useClass', { useClass: ScopedFactory }, 'ScopedFactory'],
  ['useClass, transitively', { imports, useClass: TransitiveFactory }, 'TransitiveFactory'],
  ['useExisting', { imports, useExisting: ScopedFactory }, 'ScopedFactory'],
  ['useExisting, transitively', { imports, useExisting: TransitiveFactory }, 'TransitiveFactory'],
])('request-scoped options are refused at boot: %s', async (_, options, name) => {
  const app = await createApp({
    imports: [HeartbeatModule.forRootAsync(options)],
    providers: [ChatGateway],
  });
  await expect(app.init()).rejects.toMatchObject({
    name: 'HeartbeatOptionsError',
    code: 'HEARTBEAT_OPTIONS',
    message: TEXT(name),
  });
  await app.close();
});

test('options from a transient provider are accepted', async () => {
  @Module({ providers: [TransientSettings], exports: [TransientSettings] })
  class TransientModule {}
  const { connect, liveness } = await startWith({
    imports: [
      HeartbeatModule.forRootAsync({
        imports: [TransientModule],
        inject: [TransientSettings],
        useFactory: ({ interval }: TransientSettings) => ({ interval }),
      }),
    ],
    providers: [ChatGateway],
  });
  const { peer } = await connect('/chat');
  expect(liveness.isAlive(peer)).toBe(true);
});
