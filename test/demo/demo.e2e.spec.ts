import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Chromium, type Page } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { requires } from '../support/requirements.js';
import { Demo, isRunning, killAll } from './demo.process.js';

/** What the gateway of the demo says of itself. */
const SUSPICION = 3_500;
const TIMEOUT = 5_000;
/** What a busy machine may take longer than an idle one, ms. */
const BUSY = 5_000;
/** How far apart two readings of one clock may be on a busy machine, ms. */
const NEAR = 250;

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

  test('loads connect() from the built package, as its users do', async () => {
    const script = await (await fetch(new URL('app.js', demo.url))).text();

    // Where each part comes from, as the bundler notes it.
    expect(script).toContain('\n// dist/esm/client/reconnect/connect.js\n');
    expect(script).toContain('// node_modules/partysocket/');
    expect(script).not.toContain('\n// src/');
  });

  test('shows what the page itself knows of its connection', async () => {
    const page = await join('Ada');

    await page.waitFor(`${text('#own-state')} === 'alive'`);
    expect(await page.evaluate(text('#own-rtt'))).toMatch(/^\d+(\.\d)? ms$/);
    // Not at a glance: the first round trip of a page that still loads is a long one.
    await page.waitFor(`Math.abs(${ownOffset}) < ${NEAR}`);
    // The server is heard several times a second, its heartbeat once an interval.
    await page.waitFor(`parseFloat(${text('#own-beat')}) > 1`);
    await page.waitFor(`parseFloat(${text('#own-beat')}) < 1`);
    expect(await page.evaluate(`parseFloat(${text('#own-silence .seconds')})`)).toBeLessThan(1);
    expect(await page.evaluate(text('#log'))).toMatch(/page\s+up\s+connection 1/);
    expect(await page.evaluate(isReconnectOffered)).toBe(false);
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

    pages.splice(pages.indexOf(grace), 1);
    await grace.close();

    await ada.waitFor(`!${row('Grace')}`);
    expect(await ada.evaluate(text('#log'))).toMatch(/disconnected\s+Grace, code 1001/);
  });

  test('no longer lists who goes elsewhere, and lists them again when they go back', async () => {
    const ada = await join('Ada');
    const grace = await join('Grace');
    await ada.waitFor(shows('Grace', 'alive'));

    await grace.goTo('about:blank');
    await ada.waitFor(`!${row('Grace')}`);
    expect(await ada.evaluate(text('#log'))).toMatch(/disconnected\s+Grace, code 4410/);

    await grace.evaluate('setTimeout(() => history.back()), 0');
    await ada.waitFor(shows('Grace', 'alive'));
    await isBack(grace, 'Grace');
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
    await page.waitFor(`/Lost: code 1012, “server restarts”. Attempt/.test(${text('#outlook')})`);
    expect(await page.evaluate(isRosterStale)).toBe(true);
    const log = await page.evaluate<string>(text('#log'));
    expect(log).toMatch(/page\s+drain\s+“restart”: the server leaves within/);
    expect(log).toMatch(/page\s+down\s+code 1012, “server restarts”/);
    expect(log).toMatch(/page\s+retry\s+attempt 1 at once/);

    await Demo.start(port);
    await isBack(page, 'Ada');
    expect(await page.evaluate(text('#log'))).toMatch(/page\s+up\s+connection [2-9]/);
  });

  test('finds a server again that was killed, and says meanwhile when it tries', async () => {
    const port = await freePort();
    const first = await Demo.start(port);
    const page = await join('Ada', first);

    await first.kill();

    await page.waitFor(`${text('#connection')} === 'Reconnecting…'`);
    expect(await page.evaluate(text('#log'))).toMatch(/page\s+down\s+code 1006/);
    expect(await page.evaluate(isRosterStale)).toBe(true);
    expect(await page.evaluate(isReconnectOffered)).toBe(true);
    // The wait is random: this is one that is long enough to see it shrink, and to see it end early.
    const [wait, at] = await page.waitFor<[number, number]>(
      `${waiting} > 2.5 && [${waiting}, performance.now()]`,
    );
    await page.waitFor(`${waiting} < ${wait - 0.2}`);
    const retries = await page.evaluate<number>(retryCount);
    await page.click('#reconnect');
    const tried = await page.waitFor<number>(`${retryCount} > ${retries} && performance.now()`);
    // Well before it was due.
    expect(tried - at).toBeLessThan(wait * 1_000 - 500);

    await Demo.start(port);
    await isBack(page, 'Ada');
  });

  test('notices by itself that a server no longer answers, never too early, and comes back when it does', async () => {
    const port = await freePort();
    const server = await Demo.start(port);
    const page = await join('Ada', server);
    await page.waitFor(`${text('#own-state')} === 'alive'`);

    const stopped = performance.now();
    server.freeze();
    await page.waitFor(
      `${text('#own-state')} === 'suspect' && ${text('#connection')} === 'Server silent' && ${isRosterStale}`,
    );
    await page.waitFor(`${text('#connection')} === 'Reconnecting…'`);
    const noticed = performance.now() - stopped;

    // It was heard at most so long before it was stopped: it tells who is there four times a second.
    expect(noticed).toBeGreaterThan(TIMEOUT - 1_000);
    expect(noticed).toBeLessThan(TIMEOUT * 1.1 + BUSY);
    const log = await page.evaluate<string>(text('#log'));
    const [, suspected] = /page\s+suspect\s+the server, silent for (\S+) s/.exec(log) ?? [];
    expect(Number(suspected)).toBeGreaterThanOrEqual(SUSPICION / 1_000);
    const [, lost] =
      /page\s+down\s+code 1006, “heartbeat timeout”, last heard (\S+) s/.exec(log) ?? [];
    expect(Number(lost)).toBeGreaterThanOrEqual(TIMEOUT / 1_000);
    expect(await page.evaluate(isRosterStale)).toBe(true);

    server.thaw();
    await isBack(page, 'Ada');
    await page.waitFor(`document.querySelectorAll('[data-name="Ada"]').length === 1`);
  });
});

/** Waits until somebody is in the room again, without a hand being moved. */
async function isBack(page: Page, name: string): Promise<void> {
  await page.waitFor(`${text('#connection')} === 'Connected' && ${text('#own-state')} === 'alive'`);
  await page.waitFor(`/^${name}\\s+you\\s+alive\\s/.test(${row(name)}.innerText)`);
  await page.waitFor(`${text('#messages')}.match(/${name} joined/g).length > 1`);
  expect(await page.evaluate(isRosterStale)).toBe(false);
  expect(await page.evaluate(isReconnectOffered)).toBe(false);
}

/** Expressions for the page: the row of somebody, and whether it says so. */
const row = (name: string) => `document.querySelector('[data-name="${name}"]')`;
const silentRow = () => `document.querySelector('[data-name^="Silent"]:not([data-state=evicted])')`;
const text = (selector: string) => `document.querySelector('${selector}').innerText`;
const ownOffset = `parseFloat(${text('#own-offset')}.replace('−', '-'))`;
const waiting = `Number(/Attempt \\d+ in (\\S+) s/.exec(${text('#outlook')})?.[1])`;
const retryCount = `document.querySelectorAll('#log .retry').length`;
const isRosterStale = `document.querySelector('#roster').classList.contains('stale')`;
const isReconnectOffered = `document.querySelector('#reconnect').checkVisibility({ visibilityProperty: true })`;
const shows = (name: string, state: string) =>
  `${row(name)}?.querySelector('.state').innerText === '${state}'`;
