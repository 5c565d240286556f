import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Child, killAll } from '../support/child.js';
import { Lateness } from './lateness.js';
import { Opcode } from '../support/raw-client.js';
import { quantile, report } from '../support/report.js';
import { MIB, Flooders, startServer } from './attack.js';
import { Bystander } from './bystander.js';

/** Starts a server that has already served traffic, and a well-behaved client. */
async function startBusyServer(options: object): Promise<[Child, Bystander]> {
  const server = await startServer(options);
  const bystander = await Bystander.at(await server.request('url'));
  await bystander.chat(5_000, 4);
  await server.request('watchMemory');
  return [server, bystander];
}

const PINGS = { name: 'flooder', opcode: Opcode.Ping };

afterEach(killAll);

test.each([
  // Ten thousand of them fit into one read.
  { kind: 'empty pings from a client that reads', payload: '', isPaused: false, closeCode: 1008 },
  // Each pong would be as long, and would wait forever.
  {
    kind: 'the longest pings from a client that does not read',
    payload: 'p'.repeat(125),
    isPaused: true,
    closeCode: undefined,
  },
])(
  'a flood of $kind is closed at once, and hardly delays other clients',
  async ({ payload, isPaused, closeCode }) => {
    const [server, bystander] = await startBusyServer({});
    const flooders = await Flooders.against(server);
    const flooding = { ...PINGS, payload, isPaused };
    const lateness = new Lateness();
    const started = performance.now();
    await flooders.start(flooding);
    const evicted = server.request('evicted', 'flooder');
    await evicted;
    const evictedAfter = performance.now() - started;
    const over = flooders.end('flooder');
    const waits = await bystander.askUntil(over);
    const { closing, frames, after } = await over;
    const late = lateness.between(started, performance.now());
    lateness.stop();

    const growth = await server.request<number>('memoryGrowth');
    report(
      `evicted after ${evictedAfter.toFixed(0)} ms, gone after ${after.toFixed(0)} ms and ${frames} pings; memory grew by ` +
        `${(growth / MIB).toFixed(1)} MiB; others waited ${quantile(waits, 0.5).toFixed(1)} ms, at most ${quantile(waits, 1).toFixed(0)} ms`,
    );
    expect(evictedAfter).toBeLessThan(1_000 + late);
    expect(closing?.code).toBe(closeCode);
    // It keeps flooding until the close timeout.
    expect(after).toBeGreaterThan(4_900);
    expect(after).toBeLessThan(6_500 + late);
    expect(growth).toBeLessThan(20 * MIB);
    expect(quantile(waits, 0.5)).toBeLessThan(100);
    expect(quantile(waits, 1)).toBeLessThan(1_500 + late);
    expect(await server.request('fate', 'flooder')).toMatchObject({
      cause: 'flooding',
      code: 1008,
      disconnected: 1,
    });
    bystander.leave();
  },
);

test('the same flood takes far more memory without limits', async () => {
  const [server, bystander] = await startBusyServer({ limits: false });
  const flooders = await Flooders.against(server);
  const flooding = { ...PINGS, payload: 'p'.repeat(125), isPaused: true };
  await flooders.start(flooding);
  const before = performance.now();
  let growth = 0;
  while (growth < 40 * MIB && performance.now() - before < 10_000) {
    await delay(50);
    growth = await server.request<number>('memoryGrowth');
  }
  report(
    `without limits: ${(growth / MIB).toFixed(0)} MiB in ${(performance.now() - before).toFixed(0)} ms`,
  );
  expect(growth).toBeGreaterThan(40 * MIB);
  bystander.leave();
});
