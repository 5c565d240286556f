import { afterEach, expect, test } from '@jest/globals';
import { ClientScan } from '../../src/dashboard/client.scan.js';
import { startDashboard } from './dashboard.app.js';

let counting: NodeJS.Immediate | undefined;

afterEach(() => clearImmediate(counting));

/** Counts the turns of the event loop, until the end of the test. Returns the current count. */
function countTurns(): () => number {
  let turn = 0;
  counting = setImmediate(function count() {
    turn++;
    counting = setImmediate(count);
  });
  return () => turn;
}

function occupy(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

test('a scan pauses after 4 ms of work, and a short one does not', async () => {
  const app = await startDashboard();
  for (let count = 0; count < 6; count++) await app.connect('/chat');
  const scan = app.app.get(ClientScan, { strict: false });
  const turns = countTurns();
  const turnsOf = async (work: number) => {
    const visited: number[] = [];
    await scan.run(() => {
      occupy(work);
      visited.push(turns());
    });
    expect(visited).toHaveLength(6);
    return new Set(visited).size;
  };
  expect(await turnsOf(5)).toBe(6);
  expect(await turnsOf(0)).toBeLessThanOrEqual(2);
});

test('one scan runs at a time, and one that fails does not stop the next', async () => {
  const app = await startDashboard();
  for (let count = 0; count < 3; count++) await app.connect('/chat');
  const scan = app.app.get(ClientScan, { strict: false });
  const visits: string[] = [];
  const visit = (name: string) => () => {
    occupy(5);
    visits.push(name);
  };
  const failing = scan.run(() => {
    throw new Error('failed');
  });
  const scans = Promise.all(['a', 'b'].map((name) => scan.run(visit(name))));
  await expect(failing).rejects.toThrow('failed');
  await scans;
  expect(visits).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
});
