import { expect } from '@jest/globals';
import { expectInTime, onlyVerdict } from '../detection/in-time.js';
import type { ClientRecord } from '../support/recording.gateway.js';
import type { Party } from './lab.js';

/**
 * The server's side of a death that nobody tells of: each client is terminated in time and told of once, and
 * the system keeps nothing of it. Returns what was written down.
 *
 * @param stopped for how many ms the test had stopped the server meanwhile
 */
export async function expectFoundDead(party: Party, stopped = 0): Promise<ClientRecord[]> {
  const records = await party.untilGone();
  const waited = stopped + party.serverWaited();
  expect(records).toHaveLength(party.count);
  for (const record of records) {
    expect(onlyVerdict(record)).toMatchObject({ cause: 'unresponsive', code: 1006 });
    expectInTime(record, { timeout: party.lab.policy.timeout, tick: party.lab.tick, waited });
    expect(record.hooks).toEqual({ suspect: 1, recover: 0, evict: 1, disconnect: 1 });
    expect(record.disconnected).toBe(1);
  }
  // A socket that was closed instead of reset would be in FIN-WAIT here, for minutes.
  expect(await party.site.sockets()).toEqual([]);
  return records;
}

/** Nobody was closed, on either side. Suspicions are allowed, but each has to be taken back. */
export async function expectAllAlive(party: Party): Promise<ClientRecord[]> {
  const records = await party.records();
  expect(records).toHaveLength(party.count);
  for (const { evicted, disconnected, suspected, recovered, hooks } of records) {
    expect({ evicted, disconnected }).toEqual({ evicted: [], disconnected: 0 });
    expect(recovered).toHaveLength(suspected.length);
    expect(hooks).toMatchObject({ evict: 0, disconnect: 0 });
  }
  expect(await party.ends()).toEqual([]);
  return records;
}

/** Nobody was even suspected. */
export async function expectUndisturbed(party: Party): Promise<void> {
  for (const { suspected } of await expectAllAlive(party)) expect(suspected).toEqual([]);
}
