import { expect, test } from '@jest/globals';
import { HeartbeatModule, HeartbeatOptionsError } from 'nestjs-heartbeat';
import {
  HeartbeatPrometheusModule,
  type HeartbeatPrometheusOptions,
} from 'nestjs-heartbeat/prometheus';
import { Gauge, register, Registry } from 'prom-client';
import { createApp } from '../support/app.js';
import { startScraped } from './scrape.js';

const OPENED = 'nestjs_heartbeat_connection_opened_total';
const CLOSED = 'nestjs_heartbeat_connection_duration_seconds_count{closed_by="client"}';

test('an application can start again in the same process, and counts from 0', async () => {
  const counts: (number | undefined)[][] = [];
  for (let start = 1; start <= 2; start++) {
    const { scrape, connect, events, close } = await startScraped();
    const { socket } = await connect('/chat');
    socket.close();
    await events.when('disconnected');
    const { values } = await scrape();
    counts.push([values[OPENED], values[CLOSED]]);
    await close();
    expect(register.getMetricsAsArray()).toEqual([]);
  }
  expect(counts).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

test('two applications with a registry each count for themselves', async () => {
  const one = await startScraped({ registry: new Registry() });
  const two = await startScraped({ registry: new Registry() });
  await one.connect('/chat');
  expect((await one.scrape()).values[OPENED]).toBe(1);
  expect((await two.scrape()).values[OPENED]).toBe(0);
  await one.close();
  expect((await two.scrape()).values[OPENED]).toBe(0);
  expect(register.getMetricsAsArray()).toEqual([]);
});

test('one application can report to two registries', async () => {
  const other = new Registry();
  const app = await createApp({
    imports: [
      HeartbeatModule,
      HeartbeatPrometheusModule.forRoot(),
      HeartbeatPrometheusModule.forRoot({ registry: other }),
    ],
  });
  await app.init();
  expect(await other.metrics()).toBe(await register.metrics());
  expect(await other.metrics()).toContain(OPENED);
  await app.close();
  expect([...register.getMetricsAsArray(), ...other.getMetricsAsArray()]).toEqual([]);
});

test.each([OPENED, 'nestjs_heartbeat_round_trip_duration_seconds'])(
  'an application does not start if the registry has %s already',
  async (name) => {
    const registry = new Registry();
    const taken = new Gauge({ name, help: 'Of the application', registers: [registry] });
    const app = await createApp({
      imports: [HeartbeatModule, HeartbeatPrometheusModule.forRoot({ registry })],
    });
    const error: unknown = await app.init().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HeartbeatOptionsError);
    expect(error).toHaveProperty('message', expect.stringMatching(/`registry`/));
    expect(error).toHaveProperty('message', expect.stringContaining(name));
    await app.close();
    expect(registry.getMetricsAsArray()).toEqual([taken]);
  },
);

test('two running applications cannot share a registry', async () => {
  const { scrape } = await startScraped();
  const second = await createApp({
    imports: [HeartbeatModule, HeartbeatPrometheusModule.forRoot()],
  });
  await expect(second.init()).rejects.toThrow(HeartbeatOptionsError);
  await second.close();
  expect((await scrape()).values[OPENED]).toBe(0);
});

test('a metric that took the name after registry.clear() is not removed', async () => {
  const registry = new Registry();
  const { close } = await startScraped({ registry });
  registry.clear();
  const own = new Gauge({ name: OPENED, help: 'Of the application', registers: [registry] });
  await close();
  expect(registry.getMetricsAsArray()).toEqual([own]);
});

test.each<[string, unknown, RegExp]>([
  ['null', null, /takes an object of options/],
  ['a registry', new Registry(), /unknown option/],
  ['another option', { register }, /unknown option `register`.*registry/],
  ['a registry that is none', { registry: {} }, /`registry` is/],
  ['null as the registry', { registry: null }, /`registry` is null/],
])('forRoot() refuses %s', (_, options, message) => {
  const forRoot = () => HeartbeatPrometheusModule.forRoot(options as HeartbeatPrometheusOptions);
  expect(forRoot).toThrow(HeartbeatOptionsError);
  expect(forRoot).toThrow(message);
});
