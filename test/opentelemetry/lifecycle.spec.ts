import { afterEach, expect, jest, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import { HeartbeatModule, HeartbeatOptionsError } from 'nestjs-heartbeat';
import {
  HeartbeatTelemetryModule,
  type HeartbeatTelemetryOptions,
} from 'nestjs-heartbeat/opentelemetry';
import { ConnectionObservers } from '../../src/connections/connection.observers.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { startWith, type MonitoredApp } from '../support/monitored.js';
import { createSdk, startReporting, type Sdk } from './collect.js';

afterEach(() => {
  metrics.disable();
  jest.restoreAllMocks();
});

/** The sum of all data points of a metric; of a histogram, of their counts. */
async function sumOf({ collect }: Sdk, name: string): Promise<number> {
  const scope = await collect();
  const found = scope?.metrics.find(({ descriptor }) => descriptor.name === name);
  const values = found?.dataPoints.map(({ value }) =>
    typeof value === 'number' ? value : (value as { count: number }).count,
  );
  return (values ?? []).reduce((sum, value) => sum + value, 0);
}

const OPENED = 'nestjs_heartbeat.connection.opened';
const DURATION = 'nestjs_heartbeat.connection.duration';

async function endOne({ connect, events }: MonitoredApp): Promise<void> {
  const { socket } = await connect('/chat');
  socket.close();
  await events.when('disconnected');
}

test('without an SDK nothing is observed', async () => {
  const add = jest.spyOn(ConnectionObservers.prototype, 'add');
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const start = (imports: NonNullable<Parameters<typeof startWith>[0]['imports']>) =>
    startWith({ imports: [HeartbeatModule, ...imports], providers: [ChatGateway] });

  const without = await start([]);
  const [listeners, active] = [add.mock.calls.length, timers()];
  await without.close();
  add.mockClear();
  const app = await start([HeartbeatTelemetryModule.forRoot()]);
  expect(add).toHaveBeenCalledTimes(listeners);
  expect(timers()).toBe(active);
  await endOne(app);
});

test('the global SDK is used if it is registered before the application starts', async () => {
  const sdk = createSdk();
  metrics.setGlobalMeterProvider(sdk.meterProvider);
  await endOne(await startReporting());
  expect(await sumOf(sdk, OPENED)).toBe(1);
  expect(await sumOf(sdk, DURATION)).toBe(1);
});

test('one collection takes one snapshot', async () => {
  const sdk = createSdk();
  const { liveness } = await startReporting(sdk);
  const snapshot = jest.spyOn(liveness, 'snapshot');
  await sdk.collect();
  expect(snapshot).toHaveBeenCalledTimes(1);
  await sdk.collect();
  expect(snapshot).toHaveBeenCalledTimes(2);
});

test('after shutdown the SDK no longer calls the application, and it can start again', async () => {
  const sdk = createSdk();
  const first = await startReporting(sdk);
  await endOne(first);
  expect(await sumOf(sdk, OPENED)).toBe(1);
  await first.close();
  const snapshot = jest.spyOn(first.liveness, 'snapshot');
  await sdk.collect();
  expect(snapshot).not.toHaveBeenCalled();

  const second = await startReporting(sdk);
  expect(await sumOf(sdk, OPENED)).toBe(0);
  await endOne(second);
  expect(await sumOf(sdk, OPENED)).toBe(1);
  // A histogram of the SDK goes on.
  expect(await sumOf(sdk, DURATION)).toBe(2);
  expect(snapshot).not.toHaveBeenCalled();
});

test('the final values can be flushed while other modules shut down', async () => {
  const sdk = createSdk();
  let opened: number | undefined;
  class Flush {
    async onApplicationShutdown(): Promise<void> {
      opened = await sumOf(sdk, OPENED);
    }
  }
  // Two levels below the root, which shuts down first.
  @Module({ providers: [Flush] })
  class FlushModule {}
  @Module({ imports: [FlushModule] })
  class FeatureModule {}
  const { meterProvider } = sdk;
  const app = await startWith({
    imports: [HeartbeatTelemetryModule.forRoot({ meterProvider }), HeartbeatModule, FeatureModule],
    providers: [ChatGateway],
  });
  await app.connect('/chat');
  await app.close();
  expect(opened).toBe(1);
});

test('two applications with an SDK each report for themselves', async () => {
  const [one, two] = [createSdk(), createSdk()];
  await endOne(await startReporting(one));
  await startReporting(two);
  expect([await sumOf(one, OPENED), await sumOf(two, OPENED)]).toEqual([1, 0]);
  expect([await sumOf(one, DURATION), await sumOf(two, DURATION)]).toEqual([1, 0]);
});

test.each<[string, unknown, RegExp]>([
  ['null', null, /takes an object of options/],
  ['another option', { provider: {} }, /unknown option `provider`.*meterProvider/],
  ['a provider that is none', { meterProvider: {} }, /`meterProvider` is/],
  ['a provider of providers', { meterProvider: () => createSdk() }, /`meterProvider` is/],
])('forRoot() refuses %s', (_, options, message) => {
  const forRoot = () => HeartbeatTelemetryModule.forRoot(options as HeartbeatTelemetryOptions);
  expect(forRoot).toThrow(HeartbeatOptionsError);
  expect(forRoot).toThrow(message);
});
