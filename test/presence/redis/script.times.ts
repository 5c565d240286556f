import type { PresenceSession } from 'nestjs-heartbeat/presence';
import { openMembers } from '../../../src/testing/presence-conformance/conformance.member.js';
import type { Connection } from './drivers.js';
import { batchOf, fill, itemsOf, keysFrom } from './filling.js';

/**
 * The time of a script of each call in ms, as the server measured it. A call with several scripts has equal ones: the
 * time is their mean, and the least of some tries, because other processes use the cores, too.
 */
export type ScriptTimes = Readonly<Record<string, number>>;

const TRIES = 20;

/** Fills nodes with `keys` keys in all, and measures every call. */
export async function scriptTimes(
  { store, command }: Connection,
  nodes: number,
  keys: number,
): Promise<ScriptTimes> {
  const names = Array.from({ length: nodes }, (_, index) => `node-${index}`);
  const sessions = (await openMembers(store, ...names)).map(({ session }) => session);
  const perNode = Math.ceil(keys / nodes);
  // Half of the keys of a node are on the next one, too.
  for (const [node, session] of sessions.entries())
    await fill(session, keysFrom((node * perNode) / 2, perNode));

  const timeOf = async (call: () => Promise<unknown>) => {
    await command('SLOWLOG', 'RESET');
    await call();
    const log = (await command('SLOWLOG', 'GET', '100')) as [number, number, number, string[]][];
    const times = log.flatMap(([, , time, [name = '']]) => (/^eval/i.test(name) ? [time] : []));
    return times.reduce((sum, time) => sum + time, 0) / times.length / 1_000;
  };
  await command('CONFIG', 'SET', 'slowlog-log-slower-than', '0');
  const result: Record<string, number> = {};
  for (const [name, call] of Object.entries(callsOf(sessions[0] as PresenceSession))) {
    const times: number[] = [];
    for (let round = 0; round < TRIES; round++) times.push(await timeOf(call));
    result[name] = Math.min(...times);
  }
  return result;
}

function callsOf(session: PresenceSession): Record<string, () => Promise<unknown>> {
  const [after = '', held = ''] = [...keysFrom(100, 1), ...keysFrom(7, 1)];
  let version = 1_000_000;
  let next = 50_000_000;
  const newKeys = () => keysFrom((next += 250), 250);
  const exclusive = { code: 4411, reason: 'replaced' };
  return {
    renew: () => session.renew(60_000, false),
    find: () => session.find('online', held),
    'read of 100': () => session.read('online', { limit: 101, after }),
    'read of 1 000': () => session.read('online', { limit: 1_001, after }),
    count: () => session.count('online'),
    write: () => session.write(batchOf(++version, { put: itemsOf(newKeys()) })),
    'exclusive write': () =>
      session.write(
        batchOf(++version, { put: itemsOf(newKeys()).map((item) => ({ ...item, exclusive })) }),
      ),
    order: () => {
      const order = { id: 'o', from: 'a', topic: 'online', key: held, code: 1000, reason: '' };
      return session.order(order, Number.MAX_SAFE_INTEGER);
    },
  };
}
