import { expect, test } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { MemoryPresenceStore } from 'nestjs-heartbeat/presence';
import { startNode, until, untilPresent } from '../presence/presence.node.js';
import { LastSeen } from './presence/last-seen.js';
import { Rooms } from './presence/rooms.js';
import { SingleSessions } from './presence/single-sessions.js';

/** Starts an instance with a recipe. */
async function start<Recipe>(recipe: Type<Recipe>, store: MemoryPresenceStore) {
  const node = await startNode({ store, providers: [recipe] });
  return Object.assign(node, { recipe: node.app.get(recipe, { strict: false }) });
}

/** Starts two instances that share a store. */
async function startTwo<Recipe>(recipe: Type<Recipe>) {
  const store = new MemoryPresenceStore();
  return [await start(recipe, store), await start(recipe, store)] as const;
}

test('one session per user: a new one ends the older one on another instance', async () => {
  const [a, b] = await startTwo(SingleSessions);
  const older = await a.connect('/chat');
  a.recipe.begin(older.peer, 'ann');
  await untilPresent(b, 'ann');
  const newer = await b.connect('/chat');
  b.recipe.begin(newer.peer, 'ann');
  expect(await older.closed).toMatchObject({ code: 4411, reason: 'replaced' });
  expect(newer.peer.readyState).toBe(newer.peer.OPEN);
});

test('the members of a room are those of all instances, now and after every change', async () => {
  const [a, b] = await startTwo(Rooms);
  const [ann, ben] = [await a.connect('/chat'), await b.connect('/chat')];
  a.recipe.enter(ann.peer, 'ann', 'tea');
  a.recipe.enter(ann.peer, 'ann', 'coffee');
  await until(async () => (await b.recipe.members('tea')).length === 1);
  const shown: string[] = [];
  const stop = await b.recipe.follow('tea', (members) => shown.push([...members].join(' ')));
  expect(shown).toEqual(['ann']);
  b.recipe.enter(ben.peer, 'ben', 'tea');
  await until(() => shown.at(-1) === 'ann ben');
  a.recipe.leave(ann.peer, 'tea');
  await until(() => shown.at(-1) === 'ben');
  expect(await a.recipe.members('coffee')).toEqual(['ann']);
  stop();
  b.recipe.leave(ben.peer, 'tea');
  await until(async () => (await b.recipe.members('tea')).length === 0);
  expect(shown).toEqual(['ann', 'ann ben', 'ben']);
});

test('last seen: every instance knows when a user of any instance was last connected', async () => {
  const [a, b] = await startTwo(LastSeen);
  expect(await b.recipe.of('ann')).toBeUndefined();
  const ann = await a.join('ann');
  await until(async () => (await b.recipe.of('ann')) === 'now');
  ann.socket.close();
  await ann.closed;
  for (const { recipe } of [a, b])
    await until(async () => (await recipe.of('ann')) instanceof Date);
});
