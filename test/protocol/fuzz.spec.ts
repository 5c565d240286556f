import { afterAll, expect, test } from '@jest/globals';
import { Child, killAll } from '../support/child.js';
import { FULL } from '../support/full.js';
import { report } from '../support/report.js';
import type { FuzzReport } from './fuzzer.js';

/** Number and seed of the inputs. Set them by `FUZZ=50000000 FUZZ_SEED=7 npm test -- test/protocol/fuzz`. */
const INPUTS = Number(process.env['FUZZ'] ?? (FULL ? 1_000_000 : 50_000));
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_125);

afterAll(killAll);

test(`${INPUTS} random and mutated messages are read as specified, without an error and in time`, async () => {
  const child = await Child.start(new URL('./fuzzer.ts', import.meta.url), {});
  const { fault, inputs, recognised, ops, clientOps, slowest, average } =
    await child.request<FuzzReport>('fuzz', INPUTS, SEED);
  report(
    `${inputs} inputs, seed ${SEED}: ${recognised} recognised, read by the server ${JSON.stringify(ops)}, ` +
      `by the client ${JSON.stringify(clientOps)}; ${(average * 1_000).toFixed(1)} µs each, at most ${slowest.toFixed(1)} ms`,
  );
  expect(fault).toBeUndefined();
  expect(recognised).toBeGreaterThan(INPUTS / 2);
  // Each kind of frame was read often.
  for (const op of ['beat', 'hello', 'ping', 'pong']) {
    expect([op, (ops[op] ?? 0) > INPUTS / 200]).toEqual([op, true]);
  }
  for (const op of ['hello', 'ping', 'pong', 'ack', 'drain']) {
    expect([op, (clientOps[op] ?? 0) > INPUTS / 200]).toEqual([op, true]);
  }
  // A wide bound: other processes can delay a single input.
  expect(average).toBeLessThan(0.1);
  expect(slowest).toBeLessThan(1_000);
}, 240_000);
