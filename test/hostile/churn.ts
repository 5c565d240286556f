// `npm run test:churn`: clients connect and disconnect as fast as they can, more than in an hour of
// production, and the heap of the server must not grow.
//
// npm run test:churn -- SECONDS    duration of the run; 300 by default
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { HeartbeatSnapshot } from 'nestjs-heartbeat';
import { Child, killAll } from '../support/child.js';
import { report } from '../support/report.js';
import { MIB, startServer } from './attack.js';
import { slopeOf } from './slope.js';

const CLIENTS = new URL('./churn.clients.mjs', import.meta.url);
/** Number of clients of a wave, for each way to disconnect. */
const WAVE = { goodbye: 200, lost: 200, flooding: 200, dead: 100, aborted: 50 };
/** Connections of an hour with ten new clients a second. */
const HOUR = 36_000;
const FULL = 300;
/** Share of the run that warms up: code is compiled, tables grow. */
const WARM_UP = 0.3;
const READINGS = 30;
/** How much the heap may grow, by the line through the readings, from the end of the warm-up to the end. */
const GROWTH = 2 * MIB;

const seconds = Number(process.argv[2] ?? FULL);
assert(seconds > 0, 'Pass the duration in seconds: npm run test:churn -- 300');

const server = await startServer({ interval: 300, timeout: 800 });
const clients = await Child.start(CLIENTS, { url: await server.request<string>('url') });
const before = await server.request<object>('objects');

const start = performance.now();
const elapsed = () => (performance.now() - start) / 1_000;
const readings: { at: number; bytes: number }[] = [];

async function read(what: string): Promise<void> {
  const reading = { at: elapsed(), bytes: await server.request<number>('heap') };
  readings.push(reading);
  const { totals } = await server.request<HeartbeatSnapshot>('snapshot');
  report(
    `${what}: ${(reading.bytes / MIB).toFixed(2)} MiB after ${reading.at.toFixed(0)} s and ${totals.connected} connections`,
  );
}

await read('start');
for (let next = 1; elapsed() < seconds;) {
  await clients.request('wave', WAVE);
  if (elapsed() < (next * seconds) / READINGS) continue;
  await read(`${Math.round((100 * elapsed()) / seconds)} %`);
  while (elapsed() >= (next * seconds) / READINGS) next++;
}
// Connections whose reads were throttled are released a second later.
await delay(1_500);
await read('end');

const { totals } = await server.request<HeartbeatSnapshot>('snapshot');
const after = await server.request<object>('objects');
await killAll();

const steady = readings.filter(({ at }) => at >= WARM_UP * seconds);
const slope = slopeOf(steady.map(({ at, bytes }) => [at, bytes]));
const growth = slope * (1 - WARM_UP) * seconds;
const mebibytes = (at: number) => {
  const distance = (reading: { at: number }) => Math.abs(reading.at - Math.min(at, elapsed()));
  const nearest = readings.toSorted((a, b) => distance(a) - distance(b))[0];
  return `${((nearest?.bytes ?? NaN) / MIB).toFixed(2)} MiB`;
};
report(`start ${mebibytes(0)}, mid ${mebibytes(seconds / 2)}, end ${mebibytes(Infinity)}`);
report(
  `${totals.connected} connections in ${elapsed().toFixed(0)} s, of which ${totals.evicted.unresponsive} died and ` +
    `${totals.evicted.flooding} flooded; the heap grew by ${(slope / 1_024).toFixed(2)} KiB a second, ` +
    `${(growth / MIB).toFixed(2)} MiB after the warm-up; left: ${JSON.stringify(after)}`,
);
assert.equal(totals.disconnected, totals.connected, 'every connection is reported as disconnected');
assert.deepEqual(after, before, 'no object of a connection is left');
assert(growth < GROWTH, `the heap grew by ${Math.round(growth)} bytes`);
if (seconds >= FULL)
  assert(totals.connected >= HOUR, 'fewer connections than in an hour of production');
report('flat');
