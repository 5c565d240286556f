import { expect } from '@jest/globals';
import { expectInTime, onlyEviction } from '../detection/in-time.js';
import type { ClientRecord } from '../support/recording.gateway.js';
import type { ClientGroup } from './lab.js';

/**
 * Expects that the server detected the death of each client in time and reported it once, and that the kernel keeps no
 * socket. Returns the server's records.
 *
 * @param stopped time for which the test had stopped the server meanwhile, ms
 */
export async function expectDetected(group: ClientGroup, stopped = 0): Promise<ClientRecord[]> {
  const records = await group.untilGone();
  const waited = stopped + group.serverWaited();
  expect(records).toHaveLength(group.count);
  for (const record of records) {
    expect(onlyEviction(record)).toMatchObject({ cause: 'unresponsive', code: 1006 });
    expectInTime(record, { timeout: group.lab.policy.timeout, tick: group.lab.tick, waited });
    expect(record.hooks).toEqual({ suspect: 1, recover: 0, evict: 1, disconnect: 1 });
    expect(record.disconnected).toBe(1);
  }
  // A socket that was closed instead of reset would stay in FIN-WAIT for minutes.
  expect(await group.site.sockets()).toEqual([]);
  return records;
}

/** Expects that neither side closed a connection, and that every suspect client recovered. */
export async function expectAllAlive(group: ClientGroup): Promise<ClientRecord[]> {
  const records = await group.records();
  expect(records).toHaveLength(group.count);
  for (const { evicted, disconnected, suspected, recovered, hooks } of records) {
    expect({ evicted, disconnected }).toEqual({ evicted: [], disconnected: 0 });
    expect(recovered).toHaveLength(suspected.length);
    expect(hooks).toMatchObject({ evict: 0, disconnect: 0 });
  }
  expect(await group.ends()).toEqual([]);
  return records;
}

/** Expects that all clients are alive and none was suspect. */
export async function expectUndisturbed(group: ClientGroup): Promise<void> {
  for (const { suspected } of await expectAllAlive(group)) expect(suspected).toEqual([]);
}
