import { expect } from '@jest/globals';
import type { Fixture } from './fixture.js';

/** How long the page is busy: at any moment it was heard an `interval` ago at most, and then it is silent so long. */
const BUSY = 6_000;

/** Keeps the main thread of a page busy, so long after a sign of life of the server. Returns when it began. */
export async function keepBusy(
  { page }: Fixture,
  duration: number,
  after: number,
): Promise<number> {
  return page.evaluate<number>(`next('beat', Date.now()).then(() => new Promise((resolve) => {
    setTimeout(() => { const began = Date.now(); block(${duration}); resolve(began); }, ${after});
  }))`);
}

/** Six seconds of work are nobody's death where ten are allowed. */
export async function expectNobodyGivesUp(fixture: Fixture, after: number): Promise<void> {
  const { server, events } = fixture;
  const page = await fixture.connected(`${server.url}/busy`);
  const connected = events.of('connected').length;
  const disconnected = events.of('disconnected').length;
  await keepBusy(fixture, BUSY, after);
  const since = Date.now();
  await page.evaluate('connection.probe()');
  await fixture.next('beat', since);
  // Neither side closed, and nobody came anew.
  expect(events.of('connected')).toHaveLength(connected);
  expect(events.of('disconnected')).toHaveLength(disconnected);
  expect(await fixture.count('down')).toBe(0);
  expect(await fixture.count('up')).toBe(1);
}
