import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import type { WebSocket } from 'ws';
import { Child, killAll } from '../../support/child.js';
import { report } from '../../support/report.js';
import { expectEvictedInTime } from '../support/in-bound.js';
import { startOn, type KindOfApp } from '../support/kinds.js';
import { Metered } from '../support/metered.js';

const CLIENTS = new URL('../../support/programs/clients.mjs', import.meta.url);
const OPTIONS = { interval: 1_000, timeout: 4_000 };
const MIB = 1_048_576;
/** The default of `limits.backlog.max`. */
const MAX = 16 * MIB;

afterAll(killAll);

/** Sends to every open client at an interval in ms, until it is stopped. */
function broadcast({ watches }: KindOfApp, size: number, every: number): { stop: () => void } {
  const message = randomBytes(size);
  const timer = setInterval(() => {
    for (const { client } of watches()) if (client.readyState === client.OPEN) client.send(message);
  }, every);
  return { stop: () => clearInterval(timer) };
}

function watchOf(started: KindOfApp, client: WebSocket) {
  const watch = started.watches().find((each) => each.client === client);
  if (watch === undefined) throw new Error('The gateway does not know this client');
  return watch;
}

async function evictedOnly(started: KindOfApp) {
  const { client, eviction } = await started.events.when('evicted');
  const at = performance.now();
  const watch = watchOf(started, client);
  const { record } = watch;
  const evicted = [{ at, cause: eviction.cause, code: eviction.code }];
  await started.events.when('disconnected', (event) => event.client === client);
  return { watch, record: { ...record, evicted, disconnected: [{ at, code: 1006 }] } };
}

test('a stopped client among healthy ones that is sent 200 B every 20 ms is evicted in time', async () => {
  const started = await startOn('tcp', OPTIONS);
  const { tick } = started.liveness.snapshot();
  const { port } = new URL(await started.app.getUrl());
  const url = `ws://127.0.0.1:${port}`;
  const stopped = await Child.start(CLIENTS, { url, name: 'stopped' });
  const healthy = await Child.start(CLIENTS, { url, name: 'healthy', count: 5 });
  const sending = broadcast(started, 200, 20);
  await stopped.request('untilPinged', 1);
  stopped.freeze();

  const { watch, record } = await evictedOnly(started);
  const { after } = expectEvictedInTime(record, OPTIONS, tick, 'unresponsive');
  report(
    `a broadcast to a stopped client: evicted after ${after.toFixed(0)} ms, at most ${record.mostWaiting} bytes waited`,
  );
  expect(watch.query.get('name')).toBe('stopped-0');
  expect(record.mostWaiting).toBeLessThan(2 * MAX);
  // The others are kept for as long again.
  await healthy.request('untilPinged', 3);
  sending.stop();
  expect(started.events.of('evicted')).toHaveLength(1);
  expect(started.liveness.size).toBe(5);
  expect(await healthy.request('closings')).toEqual([]);
});

test('a client that reads much less than it is sent is evicted once twice `max` waits', async () => {
  const rate = 8 * MIB;
  const every = 20;
  const started = await startOn('tcp', OPTIONS);
  const { tick } = started.liveness.snapshot();
  const peer = await started.connect({}, (raw) => new Metered(raw, MIB / 2));
  const sending = broadcast(started, (rate * every) / 1_000, every);
  const { record } = await evictedOnly(started);
  sending.stop();
  report(`a client that reads too little: evicted when ${record.mostWaiting} bytes waited`);
  expect(record.evicted).toMatchObject([{ cause: 'slow-consumer' }]);
  expect(record.mostWaiting).toBeGreaterThan(MAX);
  // Found at a check, at most half an interval and a tick later, on a machine that may be busy.
  const found = ((OPTIONS.interval / 2 + tick + 500) * rate) / 1_000;
  expect(record.mostWaiting).toBeLessThan(2 * MAX + found);
  peer.terminate();
});
