import { expect, jest, test } from '@jest/globals';
import { MemoryPresenceStore, PresenceModule, PresenceService } from 'nestjs-heartbeat/presence';
import { QUICK_PRESENCE } from '../presence/presence.node.js';
import { requires } from '../support/requirements.js';
import { startDashboard } from './dashboard.app.js';
import { pageUrl, seriousFaults, useBrowser } from './dashboard.browser.js';

jest.setTimeout(120_000);

requires('chromium')('the instances of the page', () => {
  const browser = useBrowser();

  test('are all that share the store, with their keys, until they end', async () => {
    const store = new MemoryPresenceStore();
    const start = (node: string) =>
      startDashboard({
        metadata: { imports: [PresenceModule.forRoot({ ...QUICK_PRESENCE, store, node })] },
      });
    const [own, other] = [await start('own'), await start('other')];
    const { peer } = await other.connect('/chat');
    other.app.get(PresenceService, { strict: false }).track(peer, 'ann');

    const page = await browser.open(pageUrl(own));
    const row = (node: string) => `document.querySelector('tr[data-instance^=${node}]')`;
    await page.waitFor(`/^other-\\S+\\s+1\\s/.test(${row('other')}.innerText)`);
    await page.waitFor(`/^own-\\S+ this one\\s+0\\s/.test(${row('own')}.innerText)`);
    expect(await seriousFaults(page)).toEqual([]);

    await other.close();
    await page.waitFor(`${row('own')} && !${row('other')}`);
  });
});
