import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { View } from '../support/chromium.js';
import { requires } from '../support/requirements.js';
import { killAll } from './demo.process.js';
import { horizontalOverflow, isInView, row, shows, silentRow, text } from './page.js';
import { Visitors } from './visitors.js';

const PHONE: View = { width: 390, height: 844 };
const DESKTOP: View = { width: 1280, height: 800 };
/** As long as the demo permits, and as wide as 24 characters can be. */
const LONG_NAME = 'W'.repeat(24);

jest.setTimeout(120_000);

requires('chromium')('the layout of the demo', () => {
  let visitors: Visitors;

  beforeAll(async () => {
    visitors = await Visitors.start();
  });
  afterEach(() => visitors.closePages());
  afterAll(async () => {
    await visitors?.closeBrowser();
    await killAll();
  });

  describe.each([
    ['on a phone', PHONE],
    ['on a desktop', DESKTOP],
  ])('%s', (_, view) => {
    test('offers the form to join without scrolling', async () => {
      const page = await visitors.open(undefined, view);

      expect(await page.evaluate(isInView('#join'))).toBe(true);
      expect(await page.evaluate(isInView('#connection'))).toBe(true);
      expect(await page.evaluate(horizontalOverflow)).toBe(0);
    });

    test('has the status, the button and the room in view after joining', async () => {
      const page = await visitors.join('Ada', undefined, view);

      for (const part of ['#connection', '#own', '#open-silent-client', '[data-name=Ada]']) {
        expect([part, await page.evaluate(isInView(part))]).toEqual([part, true]);
      }
      expect(await page.evaluate('scrollY')).toBe(0);
      expect(await page.evaluate(horizontalOverflow)).toBe(0);
    });

    test('keeps the status in view when the page is scrolled', async () => {
      const page = await visitors.join('Ada', undefined, view);

      await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');

      expect(await page.evaluate(isInView('#connection'))).toBe(true);
    });

    test('shows a new client without scrolling, however many there are', async () => {
      const names = Array.from({ length: 8 }, (_, index) => `Visitor ${index}`);
      for (const name of names) await visitors.join(name);
      const page = await visitors.join(LONG_NAME, undefined, view);

      await page.click('#open-silent-client');
      await page.evaluate('scrollTo(0, 0)');

      const name = await page.waitFor<string>(`${silentRow}?.dataset.name`);
      expect(await page.evaluate(isInView(`[data-name="${name}"]`))).toBe(true);
      expect(await page.evaluate(horizontalOverflow)).toBe(0);
      const isNarrower = `document.querySelector('#roster').scrollWidth <= document.querySelector('#roster').clientWidth`;
      expect(await page.evaluate(isNarrower)).toBe(true);
      expect(await page.evaluate(isInView(`[data-name="${LONG_NAME}"] .rtt`))).toBe(true);
    });
  });

  test('labels every round-trip time and every bar', async () => {
    const page = await visitors.join('Ada', undefined, PHONE);
    await visitors.join('Grace');
    await page.waitFor(shows('Grace', 'alive'));

    for (const name of ['Ada', 'Grace']) {
      const label = `${row(name)}.querySelector('.rtt').innerText`;
      expect(await page.evaluate(label)).toMatch(/^RTT (–|\d+(\.\d)?\sms)$/);
      const marks = await page.evaluate<string>(`${row(name)}.querySelector('.marks').innerText`);
      expect(marks.split(/\s+/)).toEqual(['ping', 'suspect', 'evicted']);
    }
    const own = await page.evaluate<string>(text('#own .facts'));
    expect(own).toMatch(/^RTT\s/);
  });

  test('can be used with the keyboard alone', async () => {
    const page = await visitors.open(undefined, DESKTOP);
    const press = async (key: string, typed = '') => {
      await page.call('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, text: typed });
      await page.call('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key });
    };

    await page.type('#name', 'Ada');
    await press('Enter', '\r');
    await page.waitFor(`!document.querySelector('#board').hidden && ${shows('Ada', 'alive')}`);
    await press('Tab');

    expect(await page.evaluate('document.activeElement.id')).toBe('open-silent-client');
    const outline = 'getComputedStyle(document.activeElement).outlineStyle';
    expect(await page.evaluate(outline)).toBe('solid');
  });
});
