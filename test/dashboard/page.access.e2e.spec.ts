import { expect, jest, test } from '@jest/globals';
import { requires } from '../support/requirements.js';
import {
  button,
  idOf,
  pageUrl,
  row,
  seriousFaults,
  startQuick,
  startWithActions,
  state,
  useBrowser,
} from './dashboard.browser.js';

jest.setTimeout(120_000);

requires('chromium')('the page in any browser', () => {
  const browser = useBrowser();

  test('replaces the content security policy of the application, and keeps to its own', async () => {
    const app = await startQuick({
      configure: (app) =>
        app.use(
          (_: unknown, response: { set(name: string, value: string): void }, next: () => void) => {
            response.set('Content-Security-Policy', "default-src 'none'; script-src 'none'");
            next();
          },
        ),
    });
    await app.connect('/chat');
    const page = await browser.open(pageUrl(app));
    await page.waitFor(`document.querySelectorAll('.uplot canvas').length === 4`);
    await page.click('a[href="#clients"]');
    await page.waitFor(`document.querySelector('tr[data-id]')`);

    expect(await page.evaluate('violations')).toEqual([]);
  });

  test.each(['/heartbeat', '/heartbeat/'])('finds its data at %s', async (path) => {
    const page = await browser.open(pageUrl(await startQuick(), path));

    await page.waitFor(`${state} === 'live'`);
  });

  test.each([
    ['light', 1_280],
    ['dark', 1_280],
    ['light', 390],
  ] as const)(
    'has no serious fault of accessibility, %s, %d px wide',
    async (colorScheme, width) => {
      const app = await startWithActions();
      const client = await app.connect('/chat');
      (await app.connect('/chat')).socket.close();
      await app.events.when('disconnected');
      const page = await browser.open(pageUrl(app), '#overview', {
        width,
        height: 900,
        colorScheme,
      });

      for (const view of ['overview', 'clients', 'history']) {
        await page.evaluate(`location.hash = '#${view}'`);
        await page.waitFor(
          `document.querySelector('[data-view=${view}] :is(tr[data-id], .uplot)')`,
        );
        expect([view, await seriousFaults(page)]).toEqual([view, []]);
        const overflow =
          'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect([view, await page.evaluate(overflow)]).toEqual([view, 0]);
      }
      await page.evaluate(`location.hash = '#clients'`);
      await page.waitFor(row(idOf(app, client)));
      await page.click(button(idOf(app, client), 'disconnect'));
      await page.waitFor(`document.querySelector('dialog[open]')`);
      expect(await seriousFaults(page)).toEqual([]);
    },
  );
});
