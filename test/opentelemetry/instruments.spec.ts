import { expect, test } from '@jest/globals';
import { endInAllWays } from '../support/endings.js';
import { QUICK } from '../support/monitored.js';
import { createSdk, startReporting, type Sdk } from './collect.js';

const CAUSES = [
  'unresponsive',
  'idle',
  'expired',
  'unadmitted',
  'flooding',
  'slow-consumer',
  'drain',
  'requested',
];
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
