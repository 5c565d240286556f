import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import {
  MemoryPresenceStore,
  PresenceModule,
  PresenceService,
  type PresenceSession,
  type PresenceStore,
} from 'nestjs-heartbeat/presence';
import { HEARTBEAT_CLOCK, HeartbeatTestClock, openClient } from 'nestjs-heartbeat/testing';
import { ChatGateway } from '../support/chat.gateway.js';

// The formulas of docs/scaling.md, on the test clock: no lateness of the machine counts. Milliseconds.
const LEASE = 15_000;
const RENEW = 5_000;
/** The times at which another node asks are so far apart. */
const STEP = 250;

/** A store that one node cannot reach for a while. */
class UnreachableStore implements PresenceStore {
  isUnreachable = false;

  constructor(private readonly inner: PresenceStore) {}

  open(...args: Parameters<PresenceStore['open']>): PresenceSession {
    return new Proxy(this.inner.open(...args), {
      get: (session, name: keyof PresenceSession) =>
        this.isUnreachable
          ? () => Promise.reject(new Error('The store is away.'))
          : session[name].bind(session),
    });
  }
}

const apps: INestApplication[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

async function startNode(store: PresenceStore, clock: HeartbeatTestClock) {
  const imports = [
    HeartbeatModule.forRoot({ drain: false }),
    PresenceModule.forRoot({ lease: LEASE, renew: RENEW, store }),
  ];
  const testing = Test.createTestingModule({ imports, providers: [ChatGateway] });
  const module = await testing.overrideProvider(HEARTBEAT_CLOCK).useValue(clock).compile();
  const app = module.createNestApplication({ logger: false });
  apps.push(app);
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  return app;
}

/** A node with a client cannot reach its store for `time` ms. Returns whether another node sees its key, at each step. */
async function lose(time: number, duration: number, phase = 0): Promise<boolean[]> {
  const clock = new HeartbeatTestClock();
  const memory = new MemoryPresenceStore(clock);
  const store = new UnreachableStore(memory);
  const [a, b] = [await startNode(store, clock), await startNode(memory, clock)];
  await openClient(a, { path: '/chat' });
  for (const { client } of a.get(LivenessService).clients())
    a.get(PresenceService).track(client, 'ann');
  await clock.advance(3 * RENEW + phase);
  const seen: boolean[] = [];
  store.isUnreachable = true;
  for (let passed = 0; passed < duration; passed += STEP) {
    if (passed >= time) store.isUnreachable = false;
    seen.push(await b.get(PresenceService).isPresent('ann'));
    await clock.advance(STEP);
  }
  return seen;
}

describe('a node that cannot renew', () => {
  it.each([
    [3_750, 0],
    [10_000, 0],
    [10_000, 0.9 * RENEW],
    [30_000, 0.9 * RENEW],
  ])(
    'for %d ms, from %d ms after a renewal, is hidden for as long as docs/scaling.md states, and not longer',
    async (time, phase) => {
      const seen = await lose(time, time + 2 * RENEW, phase);
      const hidden = STEP * seen.filter((isSeen) => !isSeen).length;
      expect(hidden).toBeLessThanOrEqual(Math.max(0, time - LEASE + 2.2 * RENEW + STEP));
      expect(hidden).toBeGreaterThanOrEqual(Math.max(0, time - LEASE) - STEP);
      expect(seen.at(-1)).toBe(true);
    },
  );

  it('for ever is hidden within its lease', async () => {
    const seen = await lose(Infinity, 2 * LEASE);
    expect(seen.lastIndexOf(true) * STEP).toBeLessThanOrEqual(LEASE);
    expect(seen.lastIndexOf(true) * STEP).toBeGreaterThan(LEASE - 1.1 * RENEW - STEP);
  });
});
