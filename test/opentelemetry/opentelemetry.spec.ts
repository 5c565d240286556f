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
import { CAUSES, endInAllWays } from '../support/endings.js';
import { QUICK, startWith, type MonitoredApp } from '../support/monitored.js';
import { createSdk, startReporting, type Sdk } from './collect.js';

const P = 'nestjs_heartbeat';

/** All series of the module, as [metric, attributes, value]; of a histogram its count. */
async function series({ collect }: Sdk) {
  const scope = await collect();
  return (scope?.metrics ?? []).flatMap(({ descriptor, dataPoints }) =>
    dataPoints.map(({ attributes, value }) => {
      const shown = typeof value === 'number' ? value : (value as { count: number }).count;
      return [descriptor.name, attributes, shown] as const;
    }),
  );
}

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

test('the first collection has all series of counters and gauges, with 0', async () => {
  const sdk = createSdk();
  await startReporting(sdk);
  expect(await series(sdk)).toEqual([
    ...['alive', 'suspect', 'evicted'].map((state) => [
      'nestjs_heartbeat.connection.active',
      { [`${P}.server`]: 'ChatGateway', [`${P}.state`]: state },
      0,
    ]),
    ['nestjs_heartbeat.connection.opened', {}, 0],
    ...['false', 'true'].flatMap((dryRun) =>
      CAUSES.map((cause) => [
        'nestjs_heartbeat.evictions',
        { [`${P}.cause`]: cause, [`${P}.dry_run`]: dryRun },
        0,
      ]),
    ),
    ['nestjs_heartbeat.stalls', {}, expect.any(Number)],
    ['nestjs_heartbeat.stall.time', {}, expect.any(Number)],
    ['nestjs_heartbeat.pings', {}, 0],
    ['nestjs_heartbeat.draining', {}, 0],
  ]);
});

test('instruments have kinds, units and buckets', async () => {
  const sdk = createSdk();
  const app = await startReporting(sdk);
  await endInAllWays(app);
  const scope = await sdk.collect();
  const instruments = (scope?.metrics ?? []).map(({ descriptor, dataPoints }) => {
    const { type } = descriptor as { type?: string };
    const value = dataPoints[0]?.value as { buckets?: { boundaries: number[] } } | undefined;
    const buckets = value?.buckets;
    expect(descriptor.description).toMatch(/^[A-Z].*[^.]$/);
    return [descriptor.name, type, descriptor.unit, buckets?.boundaries];
  });
  const minute = [1, 5, 15, 30, 55, 65, 120, 300, 900, 3_600, 14_400, 86_400];
  const trip = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  expect(
    instruments.map(([name, ...rest]) => [String(name).replace(`${P}.`, ''), ...rest]),
  ).toEqual([
    ['connection.active', 'OBSERVABLE_UP_DOWN_COUNTER', '{connection}', undefined],
    ['connection.opened', 'OBSERVABLE_COUNTER', '{connection}', undefined],
    ['evictions', 'OBSERVABLE_COUNTER', '{eviction}', undefined],
    ['stalls', 'OBSERVABLE_COUNTER', '{stall}', undefined],
    ['stall.time', 'OBSERVABLE_COUNTER', 's', undefined],
    ['pings', 'OBSERVABLE_COUNTER', '{ping}', undefined],
    ['draining', 'OBSERVABLE_GAUGE', '', undefined],
    ['connection.duration', 'HISTOGRAM', 's', minute],
    ['round_trip.duration', 'HISTOGRAM', 's', trip],
  ]);
});

test('Prometheus reads all values from the exporter of the SDK, and no text from outside', async () => {
  const sdk = createSdk();
  const app = await startReporting(sdk);
  await endInAllWays(app);
  const scraped = await sdk.scrape();
  const labels = (text: string) => `{${text}otel_scope_name="nestjs-heartbeat"}`;
  const closes = (by: string) =>
    `${P}_connection_duration_count${labels(`${P}_closed_by="${by}",`)}`;
  const evictions = (cause: string, dryRun: string) =>
    `${P}_evictions_total${labels(`${P}_cause="${cause}",${P}_dry_run="${dryRun}",`)}`;
  expect(scraped.values).toMatchObject({
    [`${P}_connection_active${labels(`${P}_server="ChatGateway",${P}_state="alive",`)}`]: 1,
    [`${P}_connection_opened_total${labels('')}`]: 8,
    [evictions('unresponsive', 'false')]: 2,
    [evictions('unresponsive', 'true')]: 0,
    [evictions('requested', 'false')]: 1,
    [closes('server')]: 2,
    [closes('client')]: 1,
    [closes('application')]: 2,
    [closes('network')]: 2,
    [`${P}_pings_total${labels('')}`]: expect.any(Number) as unknown,
    [`${P}_stalls_total${labels('')}`]: expect.any(Number) as unknown,
    [`${P}_stall_time_total${labels('')}`]: expect.any(Number) as unknown,
    [`${P}_round_trip_duration_count${labels('')}`]: expect.any(Number) as unknown,
    [`${P}_draining${labels('')}`]: 0,
  });
  // The two that the server closed were silent for at least the timeout.
  const seconds =
    scraped.values[`${P}_connection_duration_sum${labels(`${P}_closed_by="server",`)}`];
  expect(seconds).toBeGreaterThanOrEqual((2 * QUICK.timeout) / 1_000);
  expect(seconds).toBeLessThan(20);

  const secrets = [
    'canary',
    '4321',
    '127.0.0.1',
    '/chat',
    ...app.liveness.history().map(({ id }) => id),
  ];
  for (const secret of secrets) expect(scraped.text).not.toContain(secret);
});

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
