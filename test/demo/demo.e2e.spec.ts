import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { requires } from '../support/requirements.js';
import { Demo, isRunning, killAll } from './demo.process.js';
import {
  clockDifference,
  isReconnectOffered,
  isRosterStale,
  isStatus,
  reconnectingCount,
  row,
  shows,
  silentRow,
  text,
  waiting,
} from './page.js';
import { Visitors } from './visitors.js';

/** The policy of the demo's gateway, ms. */
const SUSPECT_AFTER = 3_500;
const TIMEOUT = 5_000;
/** Additional time that a busy machine may take, ms. */
const BUSY = 5_000;
/** How far apart two readings of one clock may be on a busy machine, ms. */
const NEAR = 250;

jest.setTimeout(120_000);

requires('chromium')('the demo, in a browser', () => {
  let visitors: Visitors;

  beforeAll(async () => {
    visitors = await Visitors.start();
  });
  afterEach(() => visitors.closePages());
  afterAll(async () => {
    await visitors?.closeBrowser();
    await killAll();
  });

  test('lists a client that joins as alive, with a labelled round-trip time', async () => {
    const page = await visitors.join('Ada');

    await page.waitFor(
      `/^RTT \\d+(\\.\\d)?\\sms$/.test(${row('Ada')}.querySelector('.rtt').innerText)`,
    );
    await page.waitFor(`/^Ada\\s+you\\s+alive\\s/.test(${row('Ada')}.innerText)`);
    expect(await page.evaluate(text('#count'))).toBe('1 connected');
  });

  test('loads connect() from the built package, as its users do', async () => {
    const script = await (await fetch(new URL('app.js', visitors.demo.url))).text();

    // The bundler notes the source of each part.
    expect(script).toContain('\n// dist/esm/client/reconnect/connect.js\n');
    expect(script).toContain('// node_modules/partysocket/');
    expect(script).not.toContain('\n// src/');
  });

  test("shows the state of the page's own connection", async () => {
    const page = await visitors.join('Ada');

    await page.waitFor(`/^\\d+(\\.\\d)? ms$/.test(${text('#own-rtt')})`);
    expect(await page.evaluate(text('#own dt'))).toBe('RTT');
    // Not at once: the first round trip of a page that is still loading takes long.
    await page.waitFor(`${clockDifference} < ${NEAR}`);
    expect(await page.evaluate(text('#own-clock'))).toMatch(/^\d+(\.\d)? ms (ahead|behind)$/);
    // Messages of the server arrive several times a second, heartbeats once an interval.
    await page.waitFor(`parseFloat(${text('#own-heartbeat')}) > 1`);
    await page.waitFor(`parseFloat(${text('#own-heartbeat')}) < 1`);
    expect(await page.evaluate(`parseFloat(${text('#own-silence .seconds')})`)).toBeLessThan(1);
    expect(await page.evaluate(text('#log'))).toMatch(/page\s+connected\s+connection 1/);
    expect(await page.evaluate(isReconnectOffered)).toBe(false);
  });

  test('shows clients to each other, and their messages as text', async () => {
    const ada = await visitors.join('Ada');
    const eve = await visitors.join('<i>Eve</i>');
    await ada.waitFor(shows('<i>Eve</i>', 'alive'));
    await eve.waitFor(shows('Ada', 'alive'));

    const attack = `<b>bold</b><img src=x onerror="document.title = 'owned'">`;
    await eve.type('#text', attack);
    await eve.click('#message-form button');

    await ada.waitFor(`${text('#messages')}.includes(${JSON.stringify(attack)})`);
    const markup = await ada.evaluate(`document.querySelectorAll('#board :is(b, i, img)').length`);
    expect(markup).toBe(0);
    expect(await ada.evaluate('document.title')).not.toBe('owned');
  });

  test('announces a client that closes its page as left, and removes it', async () => {
    const ada = await visitors.join('Ada');
    const grace = await visitors.join('Grace');
    await ada.waitFor(shows('Grace', 'alive'));
    expect(await ada.evaluate(text('#count'))).toBe('2 connected');

    await visitors.leave(grace);

    await ada.waitFor(`${text('#messages')}.includes('Grace left.')`);
    // The row remains for a moment, but is not counted.
    await ada.waitFor(`${shows('Grace', 'left')} && ${text('#count')} === '1 connected'`);
    await ada.waitFor(`!${row('Grace')}`);
    expect(await ada.evaluate(text('#log'))).toMatch(/disconnected\s+Grace, code 1001/);
  });

  test('removes a client that navigates away, and lists it again when it goes back', async () => {
    const ada = await visitors.join('Ada');
    const grace = await visitors.join('Grace');
    await ada.waitFor(shows('Grace', 'alive'));

    await grace.goTo('about:blank');
    await ada.waitFor(`${text('#messages')}.includes('Grace left.')`);
    await ada.waitFor(`!${row('Grace')}`);
    expect(await ada.evaluate(text('#log'))).toMatch(/disconnected\s+Grace, code 4410/);

    await grace.evaluate('setTimeout(() => history.back()), 0');
    await ada.waitFor(shows('Grace', 'alive'));
    await isBack(grace, 'Grace');
  });

  test('shows how a client that goes silent becomes suspect and is evicted, never too early', async () => {
    const page = await visitors.join('Ada');
    await page.click('#open-silent-client');
    const name = await page.waitFor<string>(`${silentRow}?.dataset.name`);
    const [pid, greeted] = await page.waitFor<[number, number]>(
      `[Number(/I am process (\\d+)/.exec(${text('#messages')})[1]), performance.now()]`,
    );
    expect(isRunning(pid)).toBe(true);

    const stopped = await page.waitFor<number>(
      `${row(name)}.innerText.includes('is stopped') && performance.now()`,
    );
    await page.waitFor(shows(name, 'suspect'));
    const evicted = await page.waitFor<number>(`${shows(name, 'evicted')} && performance.now()`);

    // Its last sign of life was its message, or a pong after that.
    expect(evicted - greeted).toBeGreaterThan(TIMEOUT - 500);
    expect(evicted - stopped).toBeLessThan(TIMEOUT * 1.1 + BUSY);
    const seconds = await page.evaluate<string>(`${row(name)}.querySelector('.seconds').innerText`);
    expect(parseFloat(seconds)).toBeGreaterThanOrEqual(TIMEOUT / 1_000);
    expect(await page.evaluate(text('#count'))).toBe('1 connected');
    await page.waitFor(`!${row(name)}`);
    await page.waitFor(`${text('#messages')}.includes('${name} was evicted: unresponsive.')`);
    const messages = await page.evaluate<string>(text('#messages'));
    expect(messages).not.toContain(`${name} left.`);
    const log = await page.evaluate<string>(text('#log'));
    expect(log).toMatch(new RegExp(`suspect\\s+${name}, silent for`));
    expect(log).toMatch(new RegExp(`evicted\\s+${name}: unresponsive, code 1006`));
    expect(log).toMatch(new RegExp(`disconnected\\s+${name}, code 1006`));
    expect(log).not.toMatch(/evicted\s+Ada/);
    expect(isRunning(pid)).toBe(false);
  });

  test('lists a client that is resumed in time as alive again', async () => {
    const page = await visitors.join('Ada');
    await page.click('#open-silent-client');
    const name = await page.waitFor<string>(`${silentRow}?.dataset.name`);
    await page.waitFor(shows(name, 'suspect'));

    await page.click(`[data-name="${name}"] .process button`);

    await page.waitFor(`/recovered\\s+${name}/.test(${text('#log')})`);
    await page.waitFor(
      `${shows(name, 'alive')} && parseFloat(${row(name)}.querySelector('.seconds').innerText) < 2.5`,
    );
    expect(await page.evaluate(`${row(name)}.innerText`)).toMatch(/Process \d+ is running/);
    await page.waitFor(`${text('#messages')}.includes('${name} is alive again.')`);
    expect(await page.evaluate(text('#log'))).not.toMatch(new RegExp(`evicted\\s+${name}`));
  });

  test('reconnects to a server that drains and restarts', async () => {
    const port = await freePort();
    const first = await Demo.start(port);
    const page = await visitors.join('Ada', first);
    // Browsers do this at times: they open a connection in advance and never send anything.
    const unused = createConnection(port, 'localhost').on('error', () => {});
    await once(unused, 'connect');
    await page.click('#open-silent-client');
    await page.waitFor(`${text('#roster')}.includes('is stopped')`);
    for (let count = 0; count < 5; count++) await page.click('#open-silent-client');
    await page.waitFor(`${text('#notice')} === 'At most 5 silent clients can be open.'`);
    const { children } = first;
    expect(children).toHaveLength(5);

    expect(await first.stop()).toBeLessThan(3_000 + BUSY);

    expect(children.filter(isRunning)).toEqual([]);
    await page.waitFor(isStatus('Reconnecting'));
    await page.waitFor(
      `/^Disconnected \\(1012, “server restarts”\\)\\. Reconnecting: attempt/.test(${text('#outlook')})`,
    );
    expect(await page.evaluate(isRosterStale)).toBe(true);
    const log = await page.evaluate<string>(text('#log'));
    expect(log).toMatch(/page\s+draining\s+“restart”, the server closes within/);
    expect(log).toMatch(/page\s+disconnected\s+code 1012, “server restarts”/);
    expect(log).toMatch(/page\s+reconnecting\s+attempt 1 now/);

    await Demo.start(port);
    await isBack(page, 'Ada');
    expect(await page.evaluate(text('#log'))).toMatch(/page\s+reconnected\s+connection [2-9]/);
  });

  test('reconnects to a server that was killed, and shows when the next attempt is due', async () => {
    const port = await freePort();
    const first = await Demo.start(port);
    const page = await visitors.join('Ada', first);

    await first.kill();

    await page.waitFor(isStatus('Reconnecting'));
    expect(await page.evaluate(text('#log'))).toMatch(/page\s+disconnected\s+code 1006/);
    expect(await page.evaluate(isRosterStale)).toBe(true);
    expect(await page.evaluate(isReconnectOffered)).toBe(true);
    // The delay is random: this one is long enough to see it shrink, and to see it end early.
    const [wait, at] = await page.waitFor<[number, number]>(
      `${waiting} > 2.5 && [${waiting}, performance.now()]`,
    );
    await page.waitFor(`${waiting} < ${wait - 0.2}`);
    const retries = await page.evaluate<number>(reconnectingCount);
    await page.click('#reconnect');
    const tried = await page.waitFor<number>(
      `${reconnectingCount} > ${retries} && performance.now()`,
    );
    // Well before it was due.
    expect(tried - at).toBeLessThan(wait * 1_000 - 500);

    await Demo.start(port);
    await isBack(page, 'Ada');
  });

  test('detects a server that no longer answers, never too early, and reconnects when it does', async () => {
    const port = await freePort();
    const server = await Demo.start(port);
    const page = await visitors.join('Ada', server);

    const stopped = performance.now();
    server.freeze();
    await page.waitFor(`${isStatus('Server suspect')} && ${isRosterStale}`);
    await page.waitFor(isStatus('Reconnecting'));
    const noticed = performance.now() - stopped;

    // The server sends the members four times a second, so its last message was at most this old.
    expect(noticed).toBeGreaterThan(TIMEOUT - 1_000);
    expect(noticed).toBeLessThan(TIMEOUT * 1.1 + BUSY);
    const log = await page.evaluate<string>(text('#log'));
    const [, suspected] = /page\s+suspect\s+the server, silent for (\S+) s/.exec(log) ?? [];
    expect(Number(suspected)).toBeGreaterThanOrEqual(SUSPECT_AFTER / 1_000);
    const [, lost] =
      /page\s+disconnected\s+code 1006, “heartbeat timeout”, silent for (\S+) s/.exec(log) ?? [];
    expect(Number(lost)).toBeGreaterThanOrEqual(TIMEOUT / 1_000);
    expect(await page.evaluate(isRosterStale)).toBe(true);

    server.thaw();
    await isBack(page, 'Ada');
    await page.waitFor(`document.querySelectorAll('[data-name="Ada"]').length === 1`);
  });
});

/** Waits until a client has joined again, without any action of its user. */
async function isBack(page: Page, name: string): Promise<void> {
  await page.waitFor(isStatus('Connected'));
  await page.waitFor(`/^${name}\\s+you\\s+alive\\s/.test(${row(name)}.innerText)`);
  await page.waitFor(`${text('#messages')}.match(/${name} joined/g).length > 1`);
  expect(await page.evaluate(isRosterStale)).toBe(false);
  expect(await page.evaluate(isReconnectOffered)).toBe(false);
}
