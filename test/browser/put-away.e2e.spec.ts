import { expect, test } from '@jest/globals';
import { report } from '../support/report.js';
import { requires } from '../support/requirements.js';
import { useBrowser } from './fixture.js';

const CYCLES = 5;
/** Limit for the fastest cycle, ms. A busy machine delays single cycles. */
const FASTEST_LIMIT = 100;
/** Limit for the slowest cycle, ms. */
const SLOWEST_LIMIT = 1_000;

requires('chromium')('a page that stops running', () => {
  const fixture = useBrowser();

  test('closes the connection when it is frozen, and reconnects when it resumes', async () => {
    const { server, events } = fixture;
    const page = await fixture.connected(`${server.url}/chat`);
    const times: number[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const frozen = Date.now();
      const disconnected = events.next('disconnected', ({ code }) => code === 4410);
      await page.call('Page.setWebLifecycleState', { state: 'frozen' });
      const { reason, at } = await disconnected;
      expect(reason).toBe('page frozen');

      const resumed = Date.now();
      await page.call('Page.setWebLifecycleState', { state: 'active' });
      // Wait for hello, not only for `open`: without hello the client does not close on freeze.
      await fixture.next('beat', resumed);
      times.push(at - (await fixture.next('page hidden', frozen)).at);
    }
    expectFast('frozen', times);
  });

  test('closes the connection when it enters the back/forward cache, and reconnects when it is shown', async () => {
    const { server, events, pages } = fixture;
    const page = await fixture.connected(`${server.url}/chat`);
    await page.evaluate(
      `addEventListener('pageshow', ({ persisted }) => (globalThis.wasKept = persisted))`,
    );
    const times: number[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await page.evaluate('wasKept = false');
      const left = Date.now();
      const disconnected = events.next('disconnected', ({ code }) => code === 4410);
      await page.goTo(`${pages.url}other`);
      const { at } = await disconnected;

      const shown = Date.now();
      const back = events.next('connected');
      await page.evaluate('setTimeout(() => history.back()), 0');
      await back;
      await fixture.next('beat', shown);
      expect(await page.evaluate('wasKept')).toBe(true);
      times.push(at - (await fixture.next('page hidden', left)).at);
    }
    expectFast('cached', times);
  });
});

function expectFast(how: string, times: readonly number[]): void {
  report(`the server closed the connection of a ${how} page after ${times.join(', ')} ms`);
  expect(times).toHaveLength(CYCLES);
  expect(Math.min(...times)).toBeLessThan(FASTEST_LIMIT);
  expect(Math.max(...times)).toBeLessThan(SLOWEST_LIMIT);
}
