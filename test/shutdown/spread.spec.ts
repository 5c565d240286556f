import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import type { Closing } from '../support/client.js';
import { startMonitored, type MonitoredApp } from '../support/monitored.js';

/** Connects clients and closes the application. Returns when that began and ended, and the close of each client. */
async function drainClients(monitored: MonitoredApp, count: number) {
  const clients = [];
  for (let index = 0; index < count; index++) clients.push(await monitored.connect('/chat'));
  const closings = Promise.all(clients.map(({ closed }) => closed));
  const started = performance.now();
  await monitored.close();
  return { started, ended: performance.now(), closings: await closings };
}

const closeTimes = (closings: Closing[]) => closings.map(({ at }) => at).toSorted((a, b) => a - b);

test('a drain closes one client per 50 ms, with 1012', async () => {
  const monitored = await startMonitored([ChatGateway], {});
  const { closings, ended, started } = await drainClients(monitored, 40);
  for (const { code, reason } of closings) {
    expect({ code, reason }).toEqual({ code: 1012, reason: 'server restarts' });
  }
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 40, within: 2_000 }]);

  const times = closeTimes(closings).map((at) => at - started);
  times.forEach((time, index) => {
    // A slot is 50 ms long, and the jitter stays in its middle half.
    expect(time).toBeGreaterThan(index * 50 + 12);
  });
  expect(times.at(-1)).toBeLessThan(4_000);
  expect(ended - started).toBeGreaterThan(39 * 50);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(10);
});

test('many clients are closed within the window, spread over all of it', async () => {
  const monitored = await startMonitored([ChatGateway], { drain: { within: 400 } });
  const { closings, started } = await drainClients(monitored, 40);
  expect(closings.every(({ code }) => code === 1012)).toBe(true);
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 40, within: 400 }]);
  const times = closeTimes(closings).map((at) => at - started);
  expect(times[20]).toBeGreaterThan(200);
  expect(times.at(-1)).toBeGreaterThan(390);
  expect(times.at(-1)).toBeLessThan(1_500);
});

test('after a stall the drain closes overdue clients at twice the rate, not all at once', async () => {
  const monitored = await startMonitored([ChatGateway], { drain: { within: 4_000 } });
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000), 1_000);
  const { closings, started } = await drainClients(monitored, 80);
  const times = closeTimes(closings).map((at) => at - started);
  // The plan is two clients per 100 ms. After the stall of 1 s, in which twenty were due, it is four.
  for (const time of times) {
    expect(times.filter((at) => at >= time && at < time + 100).length).toBeLessThanOrEqual(8);
  }
  expect(times.at(-1)).toBeGreaterThan(3_900);
  expect(times.at(-1)).toBeLessThan(4_500);
});

test('a window of 0 closes all clients at once', async () => {
  const monitored = await startMonitored([ChatGateway], { drain: { within: 0 } });
  const { closings } = await drainClients(monitored, 40);
  expect(closings.every(({ code }) => code === 1012)).toBe(true);
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 40, within: 0 }]);
  const times = closeTimes(closings);
  expect(Number(times.at(-1)) - Number(times[0])).toBeLessThan(500);
});

test('without clients the shutdown does not wait', async () => {
  const monitored = await startMonitored([ChatGateway], {});
  const { ended, started } = await drainClients(monitored, 0);
  expect(ended - started).toBeLessThan(1_000);
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 0, within: 0 }]);
});
