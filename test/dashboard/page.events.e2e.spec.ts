import { describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import type { Page } from '../support/chromium.js';
import { connectRaw, maskedFrame, Opcode } from '../support/raw-client.js';
import { requires } from '../support/requirements.js';
import {
  finding,
  idOf,
  pageUrl,
  row,
  rowIds,
  startQuick,
  useBrowser,
} from './dashboard.browser.js';

/** Two polls of 2 s, and what a busy machine may take, ms. */
const TWO_POLLS = 4_000 + 2_000;

jest.setTimeout(120_000);

requires('chromium')('the overview of the page', () => {
  const browser = useBrowser();

  describe('shows within two polls', () => {
    const expectSoon = async (page: Page, expression: string, since: number) => {
      await page.waitFor(expression);
      expect(Date.now() - since).toBeLessThan(TWO_POLLS);
    };
    const historyOf = async (page: Page, id: string) => {
      await page.evaluate(`location.hash = '#history?q=${id}'`);
      await page.waitFor(row(id));
      return page.evaluate<string>(`${row(id)}.innerText`);
    };

    test('a client that died, with its cause, and why in the history', async () => {
      const app = await startQuick();
      const page = await browser.open(pageUrl(app));
      const dead = await app.connect('/chat', { autoPong: false });
      const id = idOf(app, dead);

      const { at } = await app.events.when('evicted');

      await expectSoon(page, `${finding('unresponsive')}.innerText.includes('1 client')`, at);
      expect(await page.evaluate(`${finding('unresponsive')}.innerText`)).toContain(
        'the network or the clients',
      );
      expect(await historyOf(page, id)).toMatch(/server\s+unresponsive\s+No pong for 1\.\d s/);
    });

    test('a client that floods', async () => {
      const app = await startQuick({ heartbeat: {} });
      const page = await browser.open(pageUrl(app));
      const flooding = await connectRaw(`${app.url}/chat`);
      const [{ id } = { id: '' }] = app.liveness.clients();

      for (let sent = 0; sent < 200; sent++)
        flooding.socket.write(maskedFrame(Opcode.Ping, Buffer.alloc(0)));
      const { at } = await app.events.when('evicted');

      await expectSoon(page, finding('flooding'), at);
      expect(await page.evaluate(`${finding('flooding')}.innerText`)).toContain('the clients');
      flooding.socket.destroy();
      expect(await historyOf(page, id)).toMatch(/server\s+flooding/);
    });

    test('a stall of the server, which is not the fault of a client', async () => {
      const app = await startQuick();
      const page = await browser.open(pageUrl(app));
      const client = await app.connect('/chat');

      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
      const { at } = await app.events.when('stalled', ({ duration }) => duration > 2_900);

      // A busy machine adds short ones of its own, before it and after it.
      const stall = String.raw`/stalled (once|\d+ times), for [3-9](\.\d)? s/`;
      await expectSoon(page, `${stall}.test(${finding('stalls')}?.innerText)`, at);
      expect(await page.evaluate(`${finding('stalls')}.innerText`)).toContain('this server');
      expect(await page.evaluate(finding('unresponsive'))).toBeNull();
      expect(client.socket.readyState).toBe(client.socket.OPEN);
    });
  });

  test('the history is filtered by cause and by side', async () => {
    const app = await startQuick({ heartbeat: {} });
    const left = await app.connect('/chat');
    const removed = await app.connect('/chat');
    const [leftId, removedId] = [idOf(app, left), idOf(app, removed)];
    left.socket.close(4000, 'bye');
    app.liveness.disconnect(removed.peer, { reason: 'banned' });
    await Promise.all([once(left.peer, 'close'), once(removed.peer, 'close')]);

    const page = await browser.open(pageUrl(app), '#history?by=client');
    await page.waitFor(`${rowIds}.join() === '${leftId}'`);
    await page.evaluate(`(() => {
      const field = document.querySelector('[name=by]');
      field.value = '';
      field.dispatchEvent(new Event('change', { bubbles: true }));
    })()`);
    await page.waitFor(`${rowIds}.length === 2`);
    await page.type('[name=q]', 'banned');
    await page.waitFor(`${rowIds}.join() === '${removedId}'`);
    expect(await page.evaluate(`${row(removedId)}.innerText`)).toMatch(/application\s+requested/);
  });
});
