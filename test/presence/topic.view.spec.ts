import { describe, expect, it } from '@jest/globals';
import type { PresenceNodePage, PresenceSession } from 'nestjs-heartbeat/presence';
import { StartContext } from '../../src/connections/start.context.js';
import { systemClock } from '../../src/heartbeat.clock.js';
import { ChangeEmitter } from '../../src/presence/change.emitter.js';
import { PresenceClock } from '../../src/presence/presence.clock.js';
import type { StoreCall, StoreCommands } from '../../src/presence/store.commands.js';
import { TopicView } from '../../src/presence/topic.view.js';
import { until } from './presence.node.js';

describe('TopicView', () => {
  it('drops the keys of a dead node whose data the store has lost', async () => {
    let pages: PresenceNodePage[] = [{ node: 'b', version: 1, items: [['k']] }];
    const session = { read: async () => pages } as unknown as PresenceSession;
    const run = (call: StoreCall<unknown>) => call(session);
    const commands = { run } as unknown as StoreCommands;
    const clock = new PresenceClock(systemClock, new StartContext());
    const view = new TopicView('online', 'a', () => [], 0, commands, clock);
    const left: string[] = [];
    view.add(new ChangeEmitter('online', 0, (change) => left.push(...change.left), clock));
    await view.load();
    pages = [];
    view.onMessage({ type: 'rewritten', node: 'b', version: 2 });
    // The read that the message caused.
    await new Promise((resolve) => setImmediate(resolve));
    view.onNodes([], true, performance.now() + 1);
    await until(() => left.length > 0);
    expect(left).toEqual(['k']);
  });
});
