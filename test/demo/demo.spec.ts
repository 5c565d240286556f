import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Chromium, type Page } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { requires } from '../support/requirements.js';
import { Demo, isRunning, killAll } from './demo.process.js';

/** What the gateway of the demo says of itself. */
const TIMEOUT = 5_000;
/** What a busy machine may take longer than an idle one, ms. */
const BUSY = 5_000;

jest.setTimeout(120_000);

requires('chromium')('the demo, in a browser', () => {
  let demo: Demo;
  let browser: Chromium;
  const pages: Page[] = [];

  beforeAll(async () => {
    demo = await Demo.start();
    browser = await Chromium.launch();
  });
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await killAll();
  });

  /** Opens the page of the demo and joins. */
  async function join(name: string, { url } = demo): Promise<Page> {
    const page = await browser.open(url);
    pages.push(page);
    await page.waitFor(`document.querySelector('#connection').textContent === 'Connected'`);
    await page.type('#name', name);
    await page.click('#join button');
    await page.waitFor(shows(name, 'alive'));
    return page;
  }

  test('lists who joins as alive, with a round-trip time', async () => {
    const page = await join('Ada');

    const roundTrip = await page.waitFor<string>(`${row('Ada')}.querySelector('.rtt').innerText`);
    expect(roundTrip).toMatch(/^\d+(\.\d)? ms$/);
    await page.waitFor(`/^Ada\\s+you\\s+alive\\s/.test(${row('Ada')}.innerText)`);
    expect(await page.evaluate(text('#count'))).toBe('1');
  });

  test('shows people to each other, and their messages as text', async () => {
    const ada = await join('Ada');
    const eve = await join('<i>Eve</i>');
    await ada.waitFor(shows('<i>Eve</i>', 'alive'));
    await eve.waitFor(shows('Ada', 'alive'));

    const attack = `<b>bold</b><img src=x onerror="document.title = 'owned'">`;
    await eve.type('#text', attack);
    await eve.click('#say button');

    await ada.waitFor(`${text('#messages')}.includes(${JSON.stringify(attack)})`);
    const markup = await ada.evaluate(`document.querySelectorAll('main :is(b, i, img)').length`);
    expect(markup).toBe(0);
    expect(await ada.evaluate('document.title')).not.toBe('owned');
  });

  test('no longer lists who closes the page', async () => {
    const ada = await join('Ada');
    const grace = await join('Grace');
    await ada.waitFor(shows('Grace', 'alive'));

    await grace.goTo('about:blank');

    await ada.waitFor(`!${row('Grace')}`);
    expect(await ada.evaluate(text('#log'))).toMatch(/disconnected\s+Grace, code 1000/);
  });

  test('shows how a client that goes silent turns suspect and is evicted, never too early', async () => {
    const page = await join('Ada');
    await page.click('#open-silent-client');
    const name = await page.waitFor<string>(`${silentRow()}?.dataset.name`);
    const [pid, spoke] = await page.waitFor<[number, number]>(
      `[Number(/I am process (\\d+)/.exec(${text('#messages')})[1]), performance.now()]`,
    );
    expect(isRunning(pid)).toBe(true);

    const stopped = await page.waitFor<number>(
      `${row(name)}.innerText.includes('is stopped') && performance.now()`,
    );
    await page.waitFor(shows(name, 'suspect'));
    const evicted = await page.waitFor<number>(`${shows(name, 'evicted')} && performance.now()`);

    // Its last sign of life was its message, or a pong after that.
    expect(evicted - spoke).toBeGreaterThan(TIMEOUT - 500);
    expect(evicted - stopped).toBeLessThan(TIMEOUT * 1.1 + BUSY);
    const seconds = await page.evaluate<string>(`${row(name)}.querySelector('.seconds').innerText`);
    expect(parseFloat(seconds)).toBeGreaterThanOrEqual(TIMEOUT / 1_000);
    await page.waitFor(`!${row(name)}`);
    const log = await page.evaluate<string>(text('#log'));
    expect(log).toMatch(new RegExp(`suspect\\s+${name}, silent for`));
    expect(log).toMatch(new RegExp(`evicted\\s+${name}: unresponsive, code 1006`));
    expect(log).toMatch(new RegExp(`disconnected\\s+${name}, code 1006`));
    expect(log).not.toMatch(/evicted\s+Ada/);
    expect(isRunning(pid)).toBe(false);
  });

  test('lists a client that is woken up in time as alive again', async () => {
    const page = await join('Ada');
    await page.click('#open-silent-client');
    const name = await page.waitFor<string>(`${silentRow()}?.dataset.name`);
    await page.waitFor(shows(name, 'suspect'));

    await page.click(`[data-name="${name}"] .process button`);

    await page.waitFor(`/recovered\\s+${name}/.test(${text('#log')})`);
    await page.waitFor(
      `${shows(name, 'alive')} && parseFloat(${row(name)}.querySelector('.seconds').innerText) < 2.5`,
    );
    expect(await page.evaluate(`${row(name)}.innerText`)).toMatch(/process \d+ runs/);
    expect(await page.evaluate(text('#log'))).not.toMatch(new RegExp(`evicted\\s+${name}`));
  });

  test('is left in order by a server that restarts, and found again when it is back', async () => {
    const port = await freePort();
    const first = await Demo.start(port);
    const page = await join('Ada', first);
    // Browsers do this at times: a connection in advance, over which nothing is ever sent.
    const unused = createConnection(port, 'localhost').on('error', () => {});
    await once(unused, 'connect');
    await page.click('#open-silent-client');
    await page.waitFor(`${text('#roster')}.includes('is stopped')`);
    for (let count = 0; count < 5; count++) await page.click('#open-silent-client');
    await page.waitFor(`${text('#notice')} === '5 silent clients are enough.'`);
    const { children } = first;
    expect(children).toHaveLength(5);

    expect(await first.stop()).toBeLessThan(3_000 + BUSY);

    expect(children.filter(isRunning)).toEqual([]);
    await page.waitFor(`${text('#connection')} === 'Reconnecting…'`);
    expect(await page.evaluate(text('#log'))).toContain('code 1012, “server restarts”');

    await Demo.start(port);
    await page.waitFor(`${text('#messages')}.match(/Ada joined/g).length === 2`);
    await page.waitFor(`/^Ada\\s+you\\s+alive\\s/.test(${row('Ada')}.innerText)`);
    expect(await page.evaluate(text('#connection'))).toBe('Connected');
  });
});

/** Expressions for the page: the row of somebody, and whether it says so. */
const row = (name: string) => `document.querySelector('[data-name="${name}"]')`;
const silentRow = () => `document.querySelector('[data-name^="Silent"]:not([data-state=evicted])')`;
const text = (selector: string) => `document.querySelector('${selector}').innerText`;
const shows = (name: string, state: string) =>
  `${row(name)}?.querySelector('.state').innerText === '${state}'`;
