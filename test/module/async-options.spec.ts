import { expect, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import {
  HeartbeatModule,
  type HeartbeatModuleAsyncOptions,
  type HeartbeatModuleOptions,
  type HeartbeatOptionsFactory,
} from 'nestjs-heartbeat';
import { createApp } from '../support/app.js';
import { startWith } from '../support/monitored.js';

@WebSocketGateway({ path: '/chat' })
class ChatGateway {}

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
