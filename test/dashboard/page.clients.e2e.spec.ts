import { describe, expect, jest, test } from '@jest/globals';
import { requires } from '../support/requirements.js';
import {
  button,
  idOf,
  pageUrl,
  row,
  rowIds,
  startQuick,
  startWithActions,
  state,
  useBrowser,
} from './dashboard.browser.js';

jest.setTimeout(120_000);

requires('chromium')('the clients on the page', () => {
  const browser = useBrowser();

  describe('clients', () => {
    test('are filtered and sorted by the server, and the address keeps it', async () => {
      const app = await startQuick({ heartbeat: {} });
      const first = await app.connect('/chat');
      const second = await app.connect('/chat');
      app.liveness.admit(first.peer, 'ada <b>');
      app.liveness.admit(second.peer, 'grace');
      const [ada, grace] = [idOf(app, first), idOf(app, second)];
      const page = await browser.open(pageUrl(app), '#clients?sort=age');
      await page.waitFor(`${rowIds}.join() === '${ada},${grace}'`);

      await page.click('[data-sort=age]');
      await page.waitFor(`${rowIds}.join() === '${grace},${ada}'`);
      expect(await page.evaluate('location.hash')).toBe('#clients?sort=age&order=asc');

      await page.type('[name=q]', 'ada <');
      await page.waitFor(`${rowIds}.join() === '${ada}'`);
      expect(await page.evaluate(`${row(ada)}.innerText`)).toContain('ada <b>');
      expect(await page.evaluate('location.hash')).toContain('q=ada');
    });

    test('can be probed, and disconnected after a confirmation', async () => {
      const app = await startWithActions();
      const client = await app.connect('/chat');
      const id = idOf(app, client);
      const page = await browser.open(pageUrl(app), '#clients');
      await page.waitFor(row(id));

      await page.click(button(id, 'probe'));
      await page.waitFor(`/Answered in \\d/.test(${row(id)}.innerText)`);

      await page.click(button(id, 'disconnect'));
      await page.waitFor(`document.querySelector('dialog[open]')`);
      expect(await page.evaluate(`document.querySelector('dialog').innerText`)).toContain(id);
      expect(client.socket.readyState).toBe(client.socket.OPEN);
      await page.click('[data-action=confirm]');
      expect(await client.closed).toMatchObject({ reason: 'Disconnected by an operator' });
      await page.waitFor(`document.querySelector('.empty')`);
      await page.waitFor(
        `document.querySelector('[role=status].newest').innerText.includes('Disconnected')`,
      );
    });

    test('stay connected when the confirmation is cancelled', async () => {
      const app = await startWithActions();
      const client = await app.connect('/chat');
      const id = idOf(app, client);
      const page = await browser.open(pageUrl(app), '#clients');
      await page.waitFor(row(id));

      await page.click(button(id, 'disconnect'));
      await page.waitFor(`document.querySelector('dialog[open]')`);
      await page.call('Input.dispatchKeyEvent', {
        type: 'keyDown',
        key: 'Escape',
        code: 'Escape',
        windowsVirtualKeyCode: 27,
      });
      await page.waitFor(`document.querySelector('dialog') === null`);

      expect(app.liveness.size).toBe(1);
      expect(client.socket.readyState).toBe(client.socket.OPEN);
    });

    test('that are gone are refused, and the page shows the refusal', async () => {
      const app = await startWithActions();
      const client = await app.connect('/chat');
      const id = idOf(app, client);
      const page = await browser.open(pageUrl(app), '#clients');
      await page.waitFor(row(id));
      await page.click('.freshness button');
      await page.waitFor(`${state} === 'stale'`);
      client.socket.terminate();
      await app.events.when('disconnected');

      await page.click(button(id, 'probe'));

      await page.waitFor(
        `document.querySelector('.newest [data-result=refused]').innerText.includes('404')`,
      );
    });

    test('have no buttons without actions', async () => {
      const app = await startQuick({ heartbeat: {} });
      const client = await app.connect('/chat');
      const page = await browser.open(pageUrl(app), '#clients');
      await page.waitFor(row(idOf(app, client)));

      expect(await page.evaluate(`document.querySelector('[data-action]')`)).toBeNull();
    });
  });
});
