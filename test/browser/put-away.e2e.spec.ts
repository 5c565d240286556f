import { expect, test } from '@jest/globals';
import { report } from '../support/report.js';
import { requires } from '../support/requirements.js';
import { useBrowser } from './fixture.js';

const CYCLES = 5;
/** Within which time the server has to know. What a busy machine adds is not the client's: the best cycle counts. */
const AT_ONCE = 100;
/** What even the worst cycle of a busy machine keeps. */
const BUSY = 1_000;

requires('chromium')('a page that is put away', () => {
  const fixture = useBrowser();

  test('says so at once when it is frozen, and comes back when it resumes', async () => {
    const { server, events } = fixture;
    const page = await fixture.connected(`${server.url}/chat`);
    const times: number[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const frozen = Date.now();
      const gone = events.next('disconnected', ({ code }) => code === 4410);
      await page.call('Page.setWebLifecycleState', { state: 'frozen' });
      const { reason, at } = await gone;
      expect(reason).toBe('page frozen');

      const resumed = Date.now();
      await page.call('Page.setWebLifecycleState', { state: 'active' });
      // Greeted, not only open: who does not know the server yet stays silent.
      await fixture.next('beat', resumed);
      times.push(at - (await fixture.next('put away', frozen)).at);
    }
    expectAtOnce('frozen', times);
  });

  test('says so at once when it goes to the back/forward cache, and comes back when it is shown', async () => {
    const { server, events, pages } = fixture;
    const page = await fixture.connected(`${server.url}/chat`);
    await page.evaluate(
      `addEventListener('pageshow', ({ persisted }) => (globalThis.wasKept = persisted))`,
    );
    const times: number[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      await page.evaluate('wasKept = false');
      const left = Date.now();
      const gone = events.next('disconnected', ({ code }) => code === 4410);
      await page.goTo(`${pages.url}other`);
      const { at } = await gone;

      const shown = Date.now();
      const back = events.next('connected');
      await page.evaluate('setTimeout(() => history.back()), 0');
      await back;
      await fixture.next('beat', shown);
      expect(await page.evaluate('wasKept')).toBe(true);
      times.push(at - (await fixture.next('put away', left)).at);
    }
    expectAtOnce('cached', times);
  });
});

function expectAtOnce(how: string, times: readonly number[]): void {
  report(`the server knows of a ${how} page after ${times.join(', ')} ms`);
  expect(times).toHaveLength(CYCLES);
  expect(Math.min(...times)).toBeLessThan(AT_ONCE);
  expect(Math.max(...times)).toBeLessThan(BUSY);
}
