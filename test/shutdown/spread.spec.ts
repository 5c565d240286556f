import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import type { Closing } from '../support/client.js';
import { startGuarded, type GuardedApp } from '../support/monitored.js';

/** Connects clients, shuts the application down, and says when the drain began and who left when. */
async function drainClients(monitored: GuardedApp, count: number) {
  const clients = [];
  for (let index = 0; index < count; index++) clients.push(await monitored.connect('/chat'));
  const closings = Promise.all(clients.map(({ closed }) => closed));
  const started = performance.now();
  await monitored.close();
  return { started, ended: performance.now(), closings: await closings };
}

const order = (closings: Closing[]) => closings.map(({ at }) => at).toSorted((a, b) => a - b);

test('clients leave with 1012, evenly spread over 50 ms each', async () => {
  const monitored = await startGuarded([ChatGateway], {});
  const { closings, ended, started } = await drainClients(monitored, 40);
  for (const { code, reason } of closings) {
    expect({ code, reason }).toEqual({ code: 1012, reason: 'server restarts' });
  }
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 40, within: 2_000 }]);

  const times = order(closings).map((at) => at - started);
  times.forEach((time, index) => {
    // A slot has 50 ms, and the jitter keeps to its middle.
    expect(time).toBeGreaterThan(index * 50 + 12);
  });
  expect(times.at(-1)).toBeLessThan(4_000);
  expect(ended - started).toBeGreaterThan(39 * 50);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(10);
});

test('many clients leave within the window, and no longer', async () => {
  const monitored = await startGuarded([ChatGateway], { drain: { within: 400 } });
  const { closings, started } = await drainClients(monitored, 40);
  expect(closings.every(({ code }) => code === 1012)).toBe(true);
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 40, within: 400 }]);
  const times = order(closings).map((at) => at - started);
  expect(times[20]).toBeGreaterThan(200);
  expect(times.at(-1)).toBeGreaterThan(390);
  expect(times.at(-1)).toBeLessThan(1_500);
});

test('whoever could not leave in time follows twice as fast, not at once', async () => {
  const monitored = await startGuarded([ChatGateway], { drain: { within: 4_000 } });
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000), 1_000);
  const { closings, started } = await drainClients(monitored, 80);
  const times = order(closings).map((at) => at - started);
  // In a slot of 100 ms there are two as planned, and four after the second in which twenty could not leave.
  for (const time of times) {
    expect(times.filter((at) => at >= time && at < time + 100).length).toBeLessThanOrEqual(8);
  }
  expect(times.at(-1)).toBeGreaterThan(3_900);
  expect(times.at(-1)).toBeLessThan(4_500);
});

test('a window of 0 closes all at once', async () => {
  const monitored = await startGuarded([ChatGateway], { drain: { within: 0 } });
  const { closings } = await drainClients(monitored, 40);
  expect(closings.every(({ code }) => code === 1012)).toBe(true);
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 40, within: 0 }]);
  const times = order(closings);
  expect(Number(times.at(-1)) - Number(times[0])).toBeLessThan(500);
});

test('without clients the shutdown waits for nothing', async () => {
  const monitored = await startGuarded([ChatGateway], {});
  const { ended, started } = await drainClients(monitored, 0);
  expect(ended - started).toBeLessThan(1_000);
  expect(monitored.events.of('draining')).toMatchObject([{ clients: 0, within: 0 }]);
});
