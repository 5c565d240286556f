import { expect, jest, test } from '@jest/globals';
import { Counter, Registry, type OpenMetricsContentType } from 'prom-client';
import { WebSocketServer } from 'ws';
import { CAUSES, endInAllWays } from '../support/endings.js';
import { withoutBuckets } from '../support/exposition.js';
import { QUICK } from '../support/monitored.js';
import { connectRaw, Opcode } from '../support/raw-client.js';
import { resolveUrl } from '../support/url.js';
import { dashboardQueries, readDocument } from './documents.js';
import { startScraped } from './scrape.js';

const ACTIVE = 'nestjs_heartbeat_connection_active';
const DURATION = 'nestjs_heartbeat_connection_duration_seconds';
const ROUND_TRIP = 'nestjs_heartbeat_round_trip_duration_seconds';
const active = (state: string, server = 'ChatGateway') =>
  `${ACTIVE}{server="${server}",state="${state}"}`;
const evictions = (cause: string, dryRun = false) =>
  `nestjs_heartbeat_evictions_total{cause="${cause}",dry_run="${dryRun}"}`;
const closes = (by: string) => `${DURATION}_count{closed_by="${by}"}`;

test('the first scrape has all series, with 0', async () => {
  const { scrape } = await startScraped({ registry: new Registry() });
  const scraped = await scrape();
  const closedBy = ['server', 'client', 'application', 'network'];
  const zeros = [
    ...['alive', 'suspect', 'evicted'].map((state) => active(state)),
    'nestjs_heartbeat_connection_opened_total',
    ...CAUSES.flatMap((cause) => [evictions(cause), evictions(cause, true)]),
    'nestjs_heartbeat_pings_total',
    'nestjs_heartbeat_draining',
    ...closedBy.flatMap((by) => [closes(by), `${DURATION}_sum{closed_by="${by}"}`]),
    `${ROUND_TRIP}_count`,
    `${ROUND_TRIP}_sum`,
  ];
  expect(withoutBuckets(scraped)).toEqual({
    ...Object.fromEntries(zeros.map((series) => [series, 0])),
    nestjs_heartbeat_stalls_total: expect.any(Number) as unknown,
    nestjs_heartbeat_stall_time_seconds_total: expect.any(Number) as unknown,
  });
  expect(scraped.types).toEqual({
    [ACTIVE]: 'gauge',
    nestjs_heartbeat_connection_opened_total: 'counter',
    [DURATION]: 'histogram',
    nestjs_heartbeat_evictions_total: 'counter',
    [ROUND_TRIP]: 'histogram',
    nestjs_heartbeat_stalls_total: 'counter',
    nestjs_heartbeat_stall_time_seconds_total: 'counter',
    nestjs_heartbeat_pings_total: 'counter',
    nestjs_heartbeat_draining: 'gauge',
  });
});

test.each([
  [DURATION, ['1', '5', '15', '30', '55', '65', '120', '300', '900', '3600', '14400', '86400']],
  [ROUND_TRIP, '0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10'.split(' ')],
])('the buckets of %s', async (name, buckets) => {
  const { scrape } = await startScraped({ registry: new Registry() });
  const { values } = await scrape();
  const limits = Object.keys(values)
    .filter((series) => series.startsWith(`${name}_bucket`))
    .map((series) => /le="([^"]+)"/.exec(series)?.[1]);
  expect([...new Set(limits)]).toEqual([...buckets, '+Inf']);
});

test('connections, evictions and round trips are counted, and no text from outside is shown', async () => {
  const app = await startScraped({ registry: new Registry() });
  const first = await app.scrape();
  await endInAllWays(app);
  const { text, values } = await app.scrape();
  expect(values).toMatchObject({
    [active('alive')]: 1,
    [active('suspect')]: 0,
    [active('evicted')]: 0,
    nestjs_heartbeat_connection_opened_total: 8,
    [evictions('unresponsive')]: 2,
    [evictions('unresponsive', true)]: 0,
    [evictions('requested')]: 1,
    [closes('server')]: 2,
    [closes('client')]: 1,
    [closes('application')]: 2,
    [closes('network')]: 2,
    nestjs_heartbeat_draining: 0,
  });
  expect(values['nestjs_heartbeat_pings_total']).toBeGreaterThan(0);
  const { totals, roundTrips } = app.liveness.snapshot();
  const count = roundTrips.counts.reduce((sum, one) => sum + one);
  expect(values[`${ROUND_TRIP}_count`]).toBeGreaterThan(0);
  expect(values[`${ROUND_TRIP}_count`]).toBeLessThanOrEqual(count);
  expect(values[`${ROUND_TRIP}_sum`]).toBeGreaterThan(0);
  expect(values[`${ROUND_TRIP}_sum`]).toBeLessThanOrEqual(roundTrips.sum / 1_000);
  expect(values['nestjs_heartbeat_pings_total']).toBeLessThanOrEqual(totals.pings);

  // Two clients were silent for at least the timeout.
  const silent = values[`${DURATION}_sum{closed_by="server"}`];
  expect(silent).toBeGreaterThanOrEqual((2 * QUICK.timeout) / 1_000);
  expect(silent).toBeLessThan(20);

  expect(Object.keys(values)).toEqual(Object.keys(first.values));
  for (const secret of ['canary', '4321', '127.0.0.1', '/chat']) expect(text).not.toContain(secret);
  for (const { id } of app.liveness.history()) expect(text).not.toContain(id);
});

test('stalls of the event loop are counted, with their duration in seconds', async () => {
  const { scrape, liveness } = await startScraped({ registry: new Registry() });
  const { stalls } = liveness.snapshot().totals;
  const stall = 400;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stall);
  while (liveness.snapshot().totals.stalls === stalls) await new Promise(setImmediate);
  const { values } = await scrape();
  const { totals } = liveness.snapshot();
  expect(values['nestjs_heartbeat_stalls_total']).toBeGreaterThan(stalls);
  const time = values['nestjs_heartbeat_stall_time_seconds_total'];
  expect(time).toBeGreaterThan(0.2);
  expect(time).toBeLessThanOrEqual(totals.stalledFor / 1_000);
});

test('evictions of a dry run are counted apart', async () => {
  const registry = new Registry();
  const { scrape, connect, events } = await startScraped({ registry }, { ...QUICK, dryRun: true });
  await connect('/chat', { autoPong: false });
  await events.when('evicted');
  const { values } = await scrape();
  expect(values[evictions('unresponsive', true)]).toBe(1);
  expect(values[evictions('unresponsive')]).toBe(0);
  expect(values[active('suspect')]).toBe(1);
  expect(values[closes('server')]).toBe(0);
});

test('a scrape takes one snapshot, and the next scrape another one', async () => {
  const { scrape, liveness, connect } = await startScraped({ registry: new Registry() });
  const snapshot = jest.spyOn(liveness, 'snapshot');
  await scrape();
  expect(snapshot).toHaveBeenCalledTimes(1);
  await connect('/chat');
  for (let count = 2; count <= 3; count++) {
    const { values } = await scrape();
    expect(snapshot).toHaveBeenCalledTimes(count);
    expect(values['nestjs_heartbeat_connection_opened_total']).toBe(1);
  }
});

test('a server has its series as long as it is watched', async () => {
  const { scrape, liveness } = await startScraped({ registry: new Registry() });
  const server = new WebSocketServer({ noServer: true });
  const unwatch = liveness.watch(server, { name: 'ops "1"\\\n' });
  const escaped = active('alive', String.raw`ops \"1\"\\\n`);
  expect((await scrape()).values).toHaveProperty([escaped], 0);
  unwatch();
  const { values } = await scrape();
  expect(Object.keys(values).filter((series) => series.startsWith(ACTIVE))).toHaveLength(3);
});

test('a scrape during the drain of a shutdown finds the metrics, and none are left afterwards', async () => {
  const drain = { within: 60_000 };
  const registry = new Registry();
  const app = await startScraped({ registry }, { ...QUICK, drain });
  // It never answers the close frame, and so it holds the drain up.
  const { socket, frame } = await connectRaw(resolveUrl('/chat', app.url));
  const closed = app.close();
  await frame(Opcode.Close);
  const { values } = await app.scrape();
  expect(values['nestjs_heartbeat_draining']).toBe(1);
  expect(values[active('evicted')]).toBe(1);
  expect(values[evictions('drain')]).toBe(1);
  socket.destroy();
  await closed;
  expect(registry.getMetricsAsArray()).toEqual([]);
});

test('a registry of OpenMetrics is served in its format', async () => {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const { scrape, close } = await startScraped({ registry });
  for (const { text, types } of [await scrape(), await scrape()]) {
    expect(text).toMatch(/^nestjs_heartbeat_evictions_total\{.*\} 0$/m);
    expect(text).not.toContain('_total_total');
    expect(types['nestjs_heartbeat_evictions']).toBe('counter');
  }
  await close();
  expect(registry.getMetricsAsArray()).toEqual([]);
});

test('the metrics of the application stay as they are', async () => {
  const registry = new Registry();
  const own = new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] });
  own.inc(3);
  const { scrape, close } = await startScraped({ registry });
  expect((await scrape()).values['orders_total']).toBe(3);
  await close();
  expect(registry.getMetricsAsArray()).toEqual([own]);
});

test.each([
  ['alert-rules.yml', () => readDocument('alert-rules.yml')],
  ['grafana-dashboard.json', () => dashboardQueries().join('\n')],
])('%s names metrics and label values that exist', async (_, read) => {
  const { scrape } = await startScraped({ registry: new Registry() });
  const { values } = await scrape();
  const series = Object.keys(values);
  const queries = read();
  const names = queries.match(/nestjs_heartbeat_\w+/g) ?? [];
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(series).toContainEqual(expect.stringMatching(`^${name}({|$)`));

  for (const [, label, , allowed = ''] of queries.matchAll(
    /\b(cause|closed_by|dry_run|state|le)(=~?)"([^"]*)"/g,
  )) {
    // In YAML and PromQL the backslash is written twice; the scrape has whole numbers without `.0`.
    for (const value of allowed.replaceAll(/\(\\+\.0\)\?/g, '').split('|'))
      expect(series).toContainEqual(expect.stringContaining(`${label}="${value}"`));
  }
});
