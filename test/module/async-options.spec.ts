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

@Injectable()
class Config {
  readonly timeout = 543;
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

@Injectable()
class OptionsFactory implements HeartbeatOptionsFactory {
  constructor(private readonly config: Config) {}
  createHeartbeatOptions(): Promise<HeartbeatModuleOptions> {
    return Promise.resolve({ interval: 123, timeout: this.config.timeout });
  }
}

@Module({ imports: [ConfigModule], providers: [OptionsFactory], exports: [OptionsFactory] })
class FactoryModule {}

const requestScoped = (names: string) =>
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

test.each<[string, HeartbeatModuleAsyncOptions]>([
  ['useFactory', { useFactory: () => ({ interval: 123, timeout: 543 }) }],
  ['an async useFactory', { useFactory: async () => ({ interval: 123, timeout: 543 }) }],
  [
    'useFactory with inject and imports',
    {
      imports: [ConfigModule],
      inject: [Config],
      useFactory: ({ timeout }: Config) => ({ interval: 123, timeout }),
    },
  ],
  ['useClass', { imports: [ConfigModule], useClass: OptionsFactory }],
  ['useExisting', { imports: [FactoryModule], useExisting: OptionsFactory }],
])('forRootAsync() takes options from %s', async (_, options) => {
  const { connect, liveness } = await startWith({
    imports: [HeartbeatModule.forRootAsync(options)],
    providers: [ChatGateway],
  });
  expect(liveness.snapshot().servers[0]?.policy).toMatchObject({ interval: 123, timeout: 543 });
  const { peer } = await connect('/chat');
  expect(liveness.isAlive(peer)).toBe(true);
});

test('forRootAsync() without a source of options throws at the call', () => {
  expect(() => HeartbeatModule.forRootAsync({ inject: [Config] })).toThrow(
    'HeartbeatModule.forRootAsync() needs one of useFactory, useClass and useExisting. Use forRoot() for options ' +
      'that are known at once.',
  );
});

test.each<[string, unknown]>([
  ['a number', 5],
  ['a string', 'interval'],
  ['an array', [{ interval: 5 }]],
  ['a function', () => ({})],
])('an application whose factory returns %s does not start', async (_, value) => {
  const made = createApp({
    imports: [HeartbeatModule.forRootAsync({ useFactory: () => value as object })],
  });
  await expect(made).rejects.toThrow(/^HeartbeatModule takes an object of options, not .*Pass \{/);
});

test('an application whose factory returns invalid options does not start', async () => {
  const made = createApp({
    imports: [HeartbeatModule.forRootAsync({ useFactory: () => ({ interval: 9, timeout: 5 }) })],
  });
  await expect(made).rejects.toThrow('HeartbeatModule: `interval` (9 ms) must be smaller');
});

test('an application whose factory rejects fails to start with the error of the factory', async () => {
  const made = createApp({
    imports: [
      HeartbeatModule.forRootAsync({
        useFactory: () => Promise.reject(new Error('no configuration')),
      }),
    ],
  });
  await expect(made).rejects.toThrow('no configuration');
});

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
    message: requestScoped(name),
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
