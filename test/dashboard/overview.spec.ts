import { expect, test } from '@jest/globals';
import { hostname } from 'node:os';
import type { DashboardOverview } from 'nestjs-heartbeat/dashboard';
import { MemoryPresenceStore, PresenceModule, PresenceService } from 'nestjs-heartbeat/presence';
import { DashboardMinutes } from '../../src/dashboard/minutes.js';
import { Overview } from '../../src/dashboard/overview.js';
import { QUICK_PRESENCE, until } from '../presence/presence.node.js';
import { startDashboard, type DashboardApp } from './dashboard.app.js';

const NONE = { server: 0, client: 0, application: 0, network: 0 };

const overviewOf = ({ read }: DashboardApp) => read<DashboardOverview>('/heartbeat/data/overview');

test('the overview of a new application', async () => {
  const before = Date.now();
  const app = await startDashboard();
  const overview = await overviewOf(app);
  expect(overview.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(overview.instance.id.startsWith(hostname())).toBe(true);
  expect(overview.instance.startedAt).toBeGreaterThanOrEqual(before);
  expect(overview.at).toBeGreaterThanOrEqual(overview.instance.startedAt);
  expect(overview.snapshot).toMatchObject({ draining: false, servers: [{ name: 'ChatGateway' }] });
  expect(overview.minutes).toHaveLength(1);
  expect(overview.minutes[0]).toMatchObject({ open: 0, opened: 0, closedBy: NONE, rtt: null });
  expect(overview.ages.counts.every((count) => count === 0)).toBe(true);
  expect(overview).not.toHaveProperty('instances');
});

test('with presence, the instance is its node, and the overview lists the running ones', async () => {
  const store = new MemoryPresenceStore();
  const presence = () => ({ imports: [PresenceModule.forRoot({ ...QUICK_PRESENCE, store })] });
  const first = await startDashboard({ metadata: presence() });
  const second = await startDashboard({ metadata: presence() });
  const ids = [first, second].map(({ app }) => app.get(Overview, { strict: false }).instance.id);
  const { peer } = await first.connect('/chat');
  first.app.get(PresenceService, { strict: false }).track(peer, 'ann');
  const listed = async () => (await overviewOf(second)).instances ?? [];
  await until(async () => (await listed()).some(({ keys }) => keys === 1), 'the key is listed');
  const { instance } = await overviewOf(second);
  expect(instance.id).toBe(ids[1]);
  expect(await listed()).toEqual([
    { id: ids[0], self: false, draining: false, keys: 1, leaseLeft: expect.any(Number) as unknown },
    { id: ids[1], self: true, draining: false, keys: 0, leaseLeft: expect.any(Number) as unknown },
  ]);
});

test('two applications have different ids, one keeps its own', async () => {
  const [first, second] = await Promise.all([startDashboard(), startDashboard()]);
  const { instance } = await overviewOf(first);
  expect((await overviewOf(first)).instance).toEqual(instance);
  expect((await overviewOf(second)).instance.id).not.toBe(instance.id);
});

test('a minute holds what happened in it', async () => {
  const app = await startDashboard();
  const minutes = app.app.get(DashboardMinutes, { strict: false });
  const stays = await app.connect('/chat');
  const leaves = await app.connect('/chat');
  await app.liveness.probe(stays.peer);
  minutes.next();

  const gone = app.events.next('disconnected');
  leaves.socket.close(1000);
  await gone;
  minutes.next();

  const kicked = app.events.next('disconnected');
  app.liveness.disconnect(stays.peer);
  await kicked;
  const { minutes: shown, ages } = await overviewOf(app);
  expect(shown).toHaveLength(3);
  expect(shown[0]).toMatchObject({ open: 2, opened: 2, closedBy: NONE });
  expect(shown[0]?.rtt?.p50).toBeGreaterThan(0);
  expect(shown[0]?.rtt?.p95).toBeGreaterThanOrEqual(shown[0]?.rtt?.p50 ?? Infinity);
  expect(shown[1]).toMatchObject({
    open: 1,
    opened: 0,
    closedBy: { ...NONE, client: 1 },
    rtt: null,
  });
  expect(shown[2]).toMatchObject({ open: 0, closedBy: { ...NONE, application: 1 } });
  expect(shown[2]?.evicted).toMatchObject({ requested: 1, unresponsive: 0 });
  const times = shown.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(ages.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
});

test('60 complete minutes are kept', async () => {
  const app = await startDashboard();
  const minutes = app.app.get(DashboardMinutes, { strict: false });
  await app.connect('/chat');
  for (let minute = 0; minute < 60; minute++) minutes.next();
  expect((await overviewOf(app)).minutes[0]?.opened).toBe(1);
  minutes.next();
  const { minutes: shown } = await overviewOf(app);
  expect(shown).toHaveLength(61);
  expect(shown[0]?.opened).toBe(0);
});

test('the overview visits no client, and does not grow with their number', async () => {
  const app = await startDashboard();
  await app.connect('/chat');
  const one = await overviewOf(app);
  for (let count = 0; count < 20; count++) await app.connect('/chat');
  app.liveness.clients = () => {
    throw new Error('The overview visits clients.');
  };
  const many = await overviewOf(app);
  expect(many.minutes[0]?.open).toBe(21);
  expect(shapeOf(many)).toEqual(shapeOf(one));
});

test('no timer and no observer remains after the application has closed', async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const app = await startDashboard();
  const minutes = app.app.get(DashboardMinutes, { strict: false });
  await app.close();
  const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  expect(after).toBeLessThanOrEqual(before);
  expect(minutes).toHaveProperty('timer._destroyed', true);
});

/** A value with all numbers and texts replaced by their types. */
function shapeOf(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'object' ? part : typeof part)),
  );
}
