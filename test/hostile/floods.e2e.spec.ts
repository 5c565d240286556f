import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Child, killAll } from '../support/child.js';
import { Lateness } from './lateness.js';
import { Opcode } from '../support/raw-client.js';
import { report } from '../support/report.js';
import { MIB, Flooders, startServer } from './attack.js';
import { Bystander } from './bystander.js';

let server: Child;
let flooders: Flooders;
let bystander: Bystander;
const lateness = new Lateness();

beforeAll(async () => {
  server = await startServer({ clientHeartbeats: { beat: 'beaten' } });
  flooders = await Flooders.against(server);
  bystander = await Bystander.at(await server.request('url'));
  await bystander.chat(5_000, 4);
  await server.request('watchMemory');
});

afterAll(async () => {
  lateness.stop();
  bystander.leave();
  await killAll();
});

const heartbeat = (data?: unknown) => JSON.stringify({ event: 'heartbeat', data });

const FLOODS: [kind: string, opcode: number, payload: string][] = [
  ['unsolicited pongs', Opcode.Pong, ''],
  ['long unsolicited pongs', Opcode.Pong, 'p'.repeat(125)],
  ['bare heartbeats', Opcode.Text, heartbeat()],
  ['heartbeat pings', Opcode.Text, heartbeat({ op: 'ping', id: '1', at: 2 })],
  ['hellos', Opcode.Text, heartbeat({ op: 'hello', v: 1, interval: 2_000, timeout: 5_000 })],
  ['heartbeat pongs that match no ping', Opcode.Text, heartbeat({ op: 'pong', id: '1' })],
  ['heartbeats with an unknown op', Opcode.Text, heartbeat({ op: 'no such op', id: '1' })],
  ['heartbeats that are cut off', Opcode.Text, '{"event":"heartbeat","data":'],
  ['bare text heartbeats', Opcode.Text, 'beat'],
];

test.each(FLOODS)('a flood of %s is closed at once', async (name, opcode, payload) => {
  const started = performance.now();
  await flooders.start({ name, opcode, payload });
  const { code, after } = await flooders.closing(name);
  const wait = await bystander.request();
  await flooders.stop(name);
  const growth = await server.request<number>('memoryGrowth');
  report(
    `${name}: closed after ${after.toFixed(0)} ms, memory grew by ${(growth / MIB).toFixed(1)} MiB, ` +
      `the next answer took ${wait.toFixed(0)} ms`,
  );
  expect(code).toBe(1008);
  const late = lateness.between(started, performance.now());
  expect(after).toBeLessThan(1_000 + late);
  expect(growth).toBeLessThan(20 * MIB);
  expect(wait).toBeLessThan(1_500 + late);
});

test('each flood is reported as flooding, and its client disconnects once', async () => {
  for (const [name] of FLOODS) {
    expect(await server.request('fate', name)).toMatchObject({
      cause: 'flooding',
      disconnected: 1,
    });
  }
});

test('a client that keeps sending heartbeats after the close frame is reset, and hardly delays other clients', async () => {
  const name = 'ignores the close frame';
  const started = performance.now();
  await flooders.start({ name, opcode: Opcode.Text, payload: heartbeat() });
  const over = flooders.end(name);
  const waits = await bystander.askUntil(over);
  const { closing, after, frames } = await over;
  const growth = await server.request<number>('memoryGrowth');
  const late = lateness.between(started, performance.now());
  waits.sort((a, b) => a - b);
  const [median = Infinity, most = Infinity] = [waits[waits.length >> 1], waits.at(-1)];
  report(
    `${name}: gone after ${after.toFixed(0)} ms and ${frames} heartbeats, memory grew by ` +
      `${(growth / MIB).toFixed(1)} MiB, others waited ${median.toFixed(1)} ms, at most ${most.toFixed(0)} ms`,
  );
  expect(closing?.code).toBe(1008);
  expect(after).toBeGreaterThan(4_900);
  expect(after).toBeLessThan(6_500 + late);
  expect(growth).toBeLessThan(20 * MIB);
  expect(median).toBeLessThan(100);
  expect(most).toBeLessThan(1_500 + late);
});
