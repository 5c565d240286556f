import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { WebSocketServer } from 'ws';
import { startApp, type TestApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { Chromium, type Page } from '../support/chromium.js';
import { EventLog } from '../support/event-log.js';
import { Path } from '../support/path.js';
import { report } from '../support/report.js';
import { requires } from '../support/requirements.js';
import { PageServer } from './page.server.js';

/** Nothing but a probe finds out about a server in less than a minute. */
const SLOW = { interval: 30_000, timeout: 60_000 };

@Heartbeat({ interval: 2_000, timeout: 3_500 })
@WebSocketGateway({ path: '/quick' })
class QuickGateway {}

@Heartbeat({ interval: 5_000, timeout: 10_000, liveness: 'application' })
@WebSocketGateway({ path: '/application' })
class ApplicationGateway {}

/** What a busy machine may take for what takes an idle one less than 100 ms. */
const BUSY = 500;

interface Entry {
  readonly at: number;
  readonly code?: number;
  readonly delay?: number;
}

jest.setTimeout(60_000);

requires('chromium')('the client, in a browser', () => {
  let server: TestApp;
  let events: EventLog;
  let pages: PageServer;
  let browser: Chromium;
  let page: Page;
  const paths: Path[] = [];

  beforeAll(async () => {
    server = await startApp({
      imports: [HeartbeatModule.forRoot(SLOW)],
      providers: [ChatGateway, QuickGateway, ApplicationGateway],
    });
    events = new EventLog(server.app.get(LivenessService).events$);
    pages = await PageServer.start();
    browser = await Chromium.launch();
  });
  afterEach(async () => {
    await page?.close();
    await Promise.all(paths.splice(0).map((path) => path.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.close();
    await server?.app.close();
  });

  async function visit(): Promise<Page> {
    page = await browser.open(pages.url);
    await page.waitFor(`document.title === 'ready'`);
    return page;
  }

  /** A page that is connected and greeted. */
  async function connected(url: string, options: object = {}): Promise<Page> {
    await visit();
    await page.evaluate(`start(${JSON.stringify(url)}, ${JSON.stringify(options)}), 0`);
    await page.evaluate(`next('beat')`);
    return page;
  }

  async function pathTo(url: string): Promise<Path> {
    const path = await Path.to(url);
    paths.push(path);
    return path;
  }

  const next = (name: string, since = 0) =>
    page.evaluate<Entry>(`next(${JSON.stringify(name)}, ${since})`);

  test('a frozen page says so at once, and comes back when it resumes', async () => {
    await connected(`${server.url}/chat`);
    const times: number[] = [];
    for (let cycle = 0; cycle < 3; cycle++) {
      const frozen = Date.now();
      const gone = events.next('disconnected', ({ code }) => code === 4410);
      await page.call('Page.setWebLifecycleState', { state: 'frozen' });
      const { reason, at } = await gone;
      expect(reason).toBe('page frozen');

      const resumed = Date.now();
      await page.call('Page.setWebLifecycleState', { state: 'active' });
      await next('up', resumed);
      times.push(at - (await next('down', frozen)).at);
    }
    report(`the server knows of a frozen page after ${times.join(', ')} ms`);
    // What a busy machine adds is not the client's.
    expect(Math.min(...times)).toBeLessThan(100);
  });

  test('a page in the back/forward cache says so at once, and comes back when it is shown', async () => {
    await connected(`${server.url}/chat`);
    await page.evaluate(
      `addEventListener('pageshow', ({ persisted }) => (globalThis.wasKept = persisted))`,
    );
    const gone = events.next('disconnected', ({ code }) => code === 4410);
    await page.goTo(`${pages.url}other`);
    const { at } = await gone;

    const shown = Date.now();
    const back = events.next('connected');
    await page.evaluate('setTimeout(() => history.back()), 0');
    await back;
    await page.evaluate(`next('up', ${shown})`);
    expect(await page.evaluate('wasKept')).toBe(true);
    const took = at - (await next('down')).at;
    report(`the server knows of a cached page after ${took} ms`);
    expect(took).toBeLessThan(BUSY);
  });

  test('a page whose network is gone knows when the probe stays unanswered', async () => {
    const path = await pathTo(`${server.url}/chat`);
    await connected(path.url, { probeTimeout: 1_500, cap: 500, connectTimeout: 500 });
    await page.call('Network.enable');
    const offline = (is: boolean) =>
      page.call('Network.emulateNetworkConditions', {
        offline: is,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
    path.cut();
    const since = Date.now();
    await offline(true);
    const { at, code } = await next('down');
    expect(code).toBe(1006);
    report(`offline is known after ${at - since} ms`);
    expect(at - since).toBeLessThan(2_000);

    path.heal();
    const healed = Date.now();
    await offline(false);
    expect((await next('up', healed)).at - healed).toBeLessThan(1_000);
  });

  test('a page that hears nothing any more knows in time, and is back soon after the path is', async () => {
    const path = await pathTo(`${server.url}/quick`);
    await connected(path.url, { cap: 500, connectTimeout: 500 });
    path.cut();
    const since = Date.now();
    const { at, code } = await next('down');
    expect(code).toBe(1006);
    report(`a black hole is known after ${at - since} ms`);
    expect(at - since).toBeLessThan(4_000);

    await next('retry');
    path.heal();
    const healed = Date.now();
    const back = (await next('up', healed)).at - healed;
    report(`back ${back} ms after the path`);
    expect(back).toBeLessThan(1_000);
  });

  test('the close event of a dead socket comes at once, and only once', async () => {
    const path = await pathTo(`${server.url}/quick`);
    await visit();
    await page.evaluate(`open(${JSON.stringify(path.url)}), 0`);
    await next('heartbeat:beat');
    path.cut();
    const dead = await next('heartbeat:dead');
    const { at, code } = await next('close');
    expect(code).toBe(1006);
    expect(at - dead.at).toBeLessThan(50);
    expect(await page.evaluate('socket.readyState')).toBe(3);
    expect(await page.evaluate('socket instanceof WebSocket')).toBe(true);
    const id = await page.evaluate('socket.heartbeat.id');
    path.heal();
    await events.when('disconnected', ({ liveness }) => liveness.id === id);
    await page.evaluate(`fetch('/').then((response) => response.text())`);
    expect(await page.evaluate(`log.filter(({ name }) => name === 'close').length`)).toBe(1);
    expect(await page.evaluate(`log.filter(({ name }) => name === 'error').length`)).toBe(0);
  });

  test('a page that is busy for 6 s under a timeout of 10 s is closed by nobody', async () => {
    await connected(`${server.url}/application`);
    const before = events.of('disconnected').length;
    await page.evaluate('block(6_000)');
    const since = Date.now();
    await page.evaluate('connection.probe()');
    await next('beat', since);
    expect(events.of('disconnected')).toHaveLength(before);
    expect(await page.evaluate(`log.filter(({ name }) => name === 'down').length`)).toBe(0);
  });

  test('with a server without the module it is a plain WebSocket, frozen or not', async () => {
    const plain = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    const received: string[] = [];
    plain.on('connection', (peer) =>
      peer.on('message', (data: Buffer) => {
        received.push(data.toString());
        peer.send(data.toString());
      }),
    );
    await once(plain, 'listening');
    await visit();
    const { port } = plain.address() as AddressInfo;
    await page.evaluate(
      `open('ws://127.0.0.1:${port}', { helloTimeout: 100, timeout: 2_000, interval: 1_000 }), 0`,
    );
    await next('open');
    await page.evaluate(`socket.send('hi')`);
    const echoes = `log.filter(({ name }) => name === 'message').length`;
    while ((await page.evaluate<number>(echoes)) < 2) await next('message', Date.now());
    expect(received).toHaveLength(2);
    expect(await page.evaluate('socket.heartbeat.state')).toBe('plain');
    for (const client of plain.clients) client.terminate();
    expect((await next('close')).code).toBe(1006);
    plain.close();
  });

  test('fifty who are told to leave come back at once, spread over the window', async () => {
    const leaving = await startApp({
      imports: [HeartbeatModule.forRoot(SLOW)],
      providers: [ChatGateway],
    });
    await visit();
    await page.evaluate(`
      globalThis.url = ${JSON.stringify(`${leaving.url}/chat`)};
      globalThis.all = Array.from({ length: 50 }, () => start(() => url, { base: 60_000, cap: 60_000 }));
      new Promise((resolve) => {
        let greeted = 0;
        for (const one of all) {
          const stop = one.on('beat', () => { stop(); if (++greeted === 50) resolve(0); });
        }
      })`);
    const arrivals = events.all.length;
    await page.evaluate(`url = ${JSON.stringify(`${server.url}/chat`)}, 0`);
    const closed = leaving.app.close();
    await page.evaluate(`new Promise((resolve) => {
      const check = () => all.every(({ status }) => status === 'open') &&
        log.filter(({ name }) => name === 'up').length === 100 ? resolve(0) : next('up', Date.now() + 1e9).then(check);
      check();
    })`);
    await closed;
    const times = events.all
      .slice(arrivals)
      .filter(({ type }) => type === 'connected')
      .map(({ at }) => at);
    expect(times).toHaveLength(50);
    const spread = Math.max(...times) - Math.min(...times);
    report(`50 clients came back over ${spread} ms`);
    // A window of 2 500 ms: no slot of 100 ms holds more than three times its share of two.
    expect(spread).toBeGreaterThan(2_000);
    for (const time of times) {
      expect(times.filter((at) => at >= time && at < time + 100).length).toBeLessThanOrEqual(6);
    }
    const codes = await page.evaluate<number[]>(
      `log.filter(({ name }) => name === 'down').map(({ code }) => code)`,
    );
    expect(new Set(codes)).toEqual(new Set([1012]));
  });
});
