import { expect } from '@jest/globals';
import type { Fixture } from './fixture.js';

/** Time for which the main thread is blocked, ms. Together with the `interval` before it is less than the timeout. */
const BUSY = 6_000;

/** Blocks the main thread of a page, `after` ms after a heartbeat message. Returns the time at which it began. */
export async function blockPage(
  { page }: Fixture,
  duration: number,
  after: number,
): Promise<number> {
  return page.evaluate<number>(`next('beat', Date.now()).then(() => new Promise((resolve) => {
    setTimeout(() => { const began = Date.now(); block(${duration}); resolve(began); }, ${after});
  }))`);
}

/** Blocks the page for 6 s under a timeout of 10 s, and expects that neither side closes the connection. */
export async function expectNoClose(fixture: Fixture, after: number): Promise<void> {
  const { server, events } = fixture;
  const page = await fixture.connected(`${server.url}/busy`);
  const connected = events.of('connected').length;
  const disconnected = events.of('disconnected').length;
  await blockPage(fixture, BUSY, after);
  const unblockedAt = Date.now();
  await page.evaluate('connection.probe()');
  await fixture.next('beat', unblockedAt);
  // Neither side closed the connection, and there is no new one.
  expect(events.of('connected')).toHaveLength(connected);
  expect(events.of('disconnected')).toHaveLength(disconnected);
  expect(await fixture.count('down')).toBe(0);
  expect(await fixture.count('up')).toBe(1);
}
