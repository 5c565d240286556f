import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { HeartbeatModule } from 'nestjs-heartbeat';
import {
  MemoryPresenceStore,
  PresenceModule,
  PresenceOptionsError,
  PresenceService,
} from 'nestjs-heartbeat/presence';
import { FaultyStore } from './faulty.store.js';
import { startNode, until, untilPresent } from './presence.node.js';

const compile = (imports: NonNullable<Parameters<typeof Test.createTestingModule>[0]['imports']>) =>
  Test.createTestingModule({ imports }).compile();

describe('PresenceModule', () => {
  const invalid: Record<string, unknown>[] = [
    { leese: 15_000 },
    { renew: 0 },
    { renew: -1 },
    { renew: Number.NaN },
    { renew: '5s' },
    { lease: Infinity },
    { lease: 14_999 },
    { lease: 2_999, renew: 1_000 },
    { linger: -1 },
    { linger: Number.NaN },
    { deadline: 0 },
    { store: {} },
    { node: '' },
  ];

  it.each(invalid)('refuses %p at boot', async (options) => {
    const starting = compile([HeartbeatModule.forRoot(), PresenceModule.forRoot(options)]);
    await expect(starting).rejects.toBeInstanceOf(PresenceOptionsError);
  });

  it('accepts a lease of three renewals, and no linger', async () => {
    const options = { lease: 3_000, renew: 1_000, linger: 0 };
    await compile([HeartbeatModule.forRoot(), PresenceModule.forRoot(options)]);
  });

  it('is refused twice in one application, and without HeartbeatModule', async () => {
    @Module({ imports: [PresenceModule.forRoot({ renew: 1_000 })] })
    class Feature {}
    await expect(
      compile([HeartbeatModule.forRoot(), PresenceModule.forRoot(), Feature]),
    ).rejects.toMatchObject({
      code: 'PRESENCE_OPTIONS',
      message: expect.stringContaining('twice'),
    });
    await expect(compile([PresenceModule.forRoot()])).rejects.toMatchObject({
      code: 'PRESENCE_OPTIONS',
      message: expect.stringContaining('HeartbeatModule'),
    });
  });

  it('takes its options from a factory', async () => {
    const store = new MemoryPresenceStore();
    const module = await compile([
      HeartbeatModule.forRoot(),
      PresenceModule.forRootAsync({ useFactory: () => ({ store, node: 'north' }) }),
    ]);
    const app = module.createNestApplication();
    await app.init();
    const presence = app.get(PresenceService);
    const [node] = await presence.nodes();
    expect(node?.id).toMatch(/^north-/);
    await app.close();
    expect(() => PresenceModule.forRootAsync({})).toThrow(PresenceOptionsError);
  });
});

describe('shutdown', () => {
  it('announces draining while clients leave, and then removes the node', async () => {
    const store = new MemoryPresenceStore();
    const [a, b] = [await startNode({ store, within: 500 }), await startNode({ store })];
    const clients = [await a.join('ann'), await a.join('ben')];
    await untilPresent(b, 'ben');
    const changes = b.record();
    await b.presence.list();
    const closed = a.close();
    const stateOfA = async () => (await b.presence.nodes()).find(({ id }) => id === a.id);
    await until(async () => (await stateOfA())?.draining === true);
    for (const client of clients) expect(await client.closed).toMatchObject({ code: 1012 });
    await closed;
    expect(await stateOfA()).toBeUndefined();
    expect(await b.presence.count()).toBe(0);
    await until(() => changes.events.length === 2);
    expect(changes.events.toSorted()).toEqual(['-ann', '-ben']);
  });

  it('ends in time when the store is away, and everything after it is harmless', async () => {
    const store = new FaultyStore();
    const node = await startNode({ store });
    const { peer } = await node.join('ann');
    store.hang();
    const start = performance.now();
    await node.close();
    expect(performance.now() - start).toBeLessThan(4_000);
    const { presence } = node;
    expect(presence.state).toBe('stale');
    expect(presence.track(peer, 'ann')).toBe(false);
    presence.untrack(peer);
    await expect(presence.list()).rejects.toMatchObject({ code: 'PRESENCE_UNAVAILABLE' });
    await expect(presence.nodes()).rejects.toMatchObject({ code: 'PRESENCE_UNAVAILABLE' });
    await expect(presence.disconnect('ann')).rejects.toMatchObject({
      code: 'PRESENCE_UNAVAILABLE',
    });
    const commands = store.commands.length;
    store.work();
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.commands).toHaveLength(commands);
  });
});
