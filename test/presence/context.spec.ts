import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import {
  MemoryPresenceStore,
  type PresenceMessage,
  type PresenceSession,
  type PresenceStore,
} from 'nestjs-heartbeat/presence';
import { startNode, until } from './presence.node.js';

const request = new AsyncLocalStorage<string>();

/** A memory store that records in which context its commands come. */
class ContextStore implements PresenceStore {
  readonly contexts = new Map<string, Set<string | undefined>>();
  private readonly inner = new MemoryPresenceStore();

  open(node: string, receive: (message: PresenceMessage) => void): PresenceSession {
    return new Proxy(this.inner.open(node, receive), {
      get: (target, name: keyof PresenceSession) => {
        const seen = this.contexts.get(name) ?? new Set();
        this.contexts.set(name, seen.add(request.getStore()));
        return target[name].bind(target);
      },
    });
  }
}

describe('the context of a request', () => {
  it('is kept by no command, timer or emission', async () => {
    const store = new ContextStore();
    const node = await startNode({ store, linger: 0 });
    const { peer } = await node.connect('/chat');
    const emitted = new Set<string | undefined>();
    await request.run('request', async () => {
      node.presence.changes().subscribe(() => emitted.add(request.getStore()));
      await node.presence.list();
      node.presence.track(peer, 'ann', { exclusive: true });
      await node.presence.isPresent('ben');
      await node.presence.count();
      await node.presence.nodes();
      await node.presence.disconnect('ben');
      expect(request.getStore()).toBe('request');
    });
    await until(() => emitted.size > 0);
    expect([...emitted]).toEqual([undefined]);
    for (const method of ['renew', 'write', 'read', 'watch', 'find', 'count', 'order']) {
      expect([method, ...(store.contexts.get(method) ?? ['none'])]).toEqual([method, undefined]);
    }
  });
});
