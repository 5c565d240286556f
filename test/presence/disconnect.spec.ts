import { describe, expect, it } from '@jest/globals';
import { MemoryPresenceStore, PresenceInputError } from 'nestjs-heartbeat/presence';
import { FaultyStore } from './faulty.store.js';
import { startNode, until, untilPresent } from './presence.node.js';

describe('disconnect()', () => {
  it('closes the clients of a key on all nodes, and no others', async () => {
    const store = new MemoryPresenceStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const onA = await a.join('ann');
    const onB = [await b.join('ann'), await b.join('ann')];
    const [ben, inRoom] = [await a.join('ben'), await b.join('ann', { topic: 'room' })];
    await until(async () => (await a.presence.list()).entries[0]?.on.length === 2);
    // Tracked last on its node: what came before is stored, too, and clients that are not stored yet would stay.
    await until(() => a.presence.isPresent('ann', 'room'));
    const report = await a.presence.disconnect('ann', { code: 4001, reason: 'banned' });
    expect(report).toEqual({ closed: 3, pending: [] });
    for (const client of [onA, ...onB]) {
      expect(await client.closed).toMatchObject({ code: 4001, reason: 'banned' });
    }
    expect(a.liveness.isAlive(ben.peer)).toBe(true);
    expect(b.liveness.isAlive(inRoom.peer)).toBe(true);
    await untilPresent(b, 'ann', false);
    expect(await b.presence.disconnect('ann')).toEqual({ closed: 0, pending: [] });
  });

  it('names the nodes that do not answer, which obey later and spare newer clients', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const older = await b.join('ann');
    await untilPresent(a, 'ann');
    store.loseMessages();
    store.hang(b.id);
    expect(await a.presence.disconnect('ann')).toEqual({ closed: 0, pending: [b.id] });
    const newer = await b.join('ann');
    store.work();
    expect(await older.closed).toMatchObject({ code: 1000 });
    await until(() => b.presence.state === 'current');
    expect(b.liveness.isAlive(newer.peer)).toBe(true);
    expect(await a.presence.isPresent('ann')).toBe(true);
  });

  it('is not carried out after it rejected', async () => {
    const store = new FaultyStore();
    const [a, b] = [await startNode({ store }), await startNode({ store })];
    const [onA, onB] = [await a.join('ann'), await b.join('ann')];
    await until(async () => (await a.presence.list()).entries[0]?.on.length === 2);
    store.hang();
    await expect(a.presence.disconnect('ann')).rejects.toMatchObject({
      code: 'PRESENCE_UNAVAILABLE',
    });
    store.work();
    await until(() => a.presence.state === 'current' && b.presence.state === 'current');
    await b.presence.nodes();
    expect(a.liveness.isAlive(onA.peer)).toBe(true);
    expect(b.liveness.isAlive(onB.peer)).toBe(true);
  });

  it('refuses what no close frame can carry, and unknown options', async () => {
    const { presence } = await startNode();
    for (const options of [
      { code: 1006 },
      { code: 999 },
      { reason: 'é'.repeat(62) },
      { why: '' },
    ]) {
      await expect(presence.disconnect('ann', options)).rejects.toBeInstanceOf(PresenceInputError);
    }
    expect(await presence.disconnect('')).toEqual({ closed: 0, pending: [] });
  });
});
