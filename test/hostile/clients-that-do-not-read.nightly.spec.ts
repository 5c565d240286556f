import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Child, killAll } from '../support/child.js';
import { Lateness } from './lateness.js';
import { connectRaw, maskedFrame, Opcode, type RawClient } from '../support/raw-client.js';
import { report } from '../support/report.js';
import { MIB, startServer } from './attack.js';
import { Bystander } from './bystander.js';
import type { Fate } from './hostile.server.js';

const INTERVAL = 2_000;
const TIMEOUT = 8_000;
const SECOND = 1_000;
/** The default backlog limits: bytes that may wait while none is taken, and bytes by which the backlog may grow. */
const STALLED = MIB;
const MAX = 16 * MIB;
/** Bytes that the kernels of both ends buffer before any byte waits in the server. */
const KERNELS = 8 * MIB;

let server: Child;
let bystander: Bystander;

beforeAll(async () => {
  server = await startServer({ interval: INTERVAL, timeout: TIMEOUT });
  bystander = await Bystander.at(await server.request('url'));
  await bystander.chat(5_000, 4);
});

afterAll(async () => {
  bystander.leave();
  await killAll();
});

/** Connects a client that requests a stream. */
async function startStreaming(name: string, bytes: number, every: number): Promise<RawClient> {
  const raw = await connectRaw(`${await server.request<string>('url')}/?name=${name}`);
  const request = { event: 'stream', data: { bytes, every } };
  raw.socket.write(maskedFrame(Opcode.Text, Buffer.from(JSON.stringify(request))));
  return raw;
}

test.each([
  // Bytes a second that the server sends, ms in which the client may take nothing, and the minimum backlog at the end.
  { limit: 'nothing taken', rate: 2 * MIB, sip: 0, allowed: TIMEOUT, waiting: STALLED },
  { limit: 'twice as much', rate: 24 * MIB, sip: 0, allowed: 0, waiting: 2 * MAX },
  // It reads 64 KiB at intervals, so that some bytes are taken in time.
  { limit: 'twice as much, sipping', rate: 4 * MIB, sip: 50, allowed: 0, waiting: 2 * MAX },
])('a client that stops reading is terminated at the limit: $limit', async (scenario) => {
  const { limit, rate, sip, allowed, waiting } = scenario;
  const name = encodeURIComponent(limit);
  const every = 10;
  await server.request('watchMemory');
  const lateness = new Lateness();
  const started = performance.now();
  const raw = await startStreaming(name, Math.round((rate * every) / 1_000), every);
  raw.socket.pause();
  // Its messages keep it alive.
  const alive = setInterval(() => {
    raw.socket.write(maskedFrame(Opcode.Text, Buffer.from('{"event":"note"}')));
    if (sip === 0) return;
    raw.socket.once('data', () => raw.socket.pause());
    raw.socket.resume();
  }, sip || 250).unref();
  const over = server.request<Fate>('fate', limit);
  const waits = await bystander.askUntil(over);
  const { cause, code, bufferedBytes = 0, disconnected } = await over;
  const after = performance.now() - started;
  clearInterval(alive);
  const growth = await server.request<number>('memoryGrowth');
  const late = lateness.between(started, performance.now());
  lateness.stop();
  report(
    `${limit}: terminated after ${after.toFixed(0)} ms with ${(bufferedBytes / MIB).toFixed(1)} MiB waiting, memory grew by ` +
      `${(growth / MIB).toFixed(1)} MiB, others waited ${Math.max(...waits).toFixed(0)} ms at most`,
  );
  expect({ cause, code, disconnected }).toEqual({
    cause: 'slow-consumer',
    code: 1006,
    disconnected: 1,
  });
  expect(bufferedBytes).toBeGreaterThan(waiting);
  // The time until a check finds the backlog, the allowed time, and the next checks.
  const found = INTERVAL / 2 + allowed + 2 * SECOND;
  const gain = rate - (sip === 0 ? 0 : (SECOND / sip) * 65_536);
  const longest = (SECOND * (KERNELS + waiting)) / gain + found + late;
  expect(after).toBeGreaterThan(allowed);
  expect(after).toBeLessThan(longest);
  // The memory cost is the backlog, and no more.
  expect(bufferedBytes).toBeLessThan((rate * longest) / SECOND);
  expect(growth).toBeLessThan(1.5 * bufferedBytes + 20 * MIB);
  expect(Math.max(...waits)).toBeLessThan(1_000 + late);
  raw.socket.destroy();
});
