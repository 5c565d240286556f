import { afterAll, expect, test } from '@jest/globals';
import { Child, killAll } from '../support/child.js';
import { report } from '../support/report.js';
import { requires } from '../support/requirements.js';
import { useBrowser } from './fixture.js';

/** What a client may take that is not to sleep longer than half a second between attempts. */
const EAGER = { maxDelay: 500, connectTimeout: 500 };

requires('chromium')('a page whose server cannot be reached', () => {
  const fixture = useBrowser();
  afterAll(killAll);

  test('knows that the network is gone when the probe stays unanswered', async () => {
    const path = await fixture.pathTo(`${fixture.server.url}/chat`);
    const page = await fixture.connected(path.url, { probeTimeout: 1_500, ...EAGER });
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
    const { at, code } = await fixture.next('down');
    expect(code).toBe(1006);
    report(`offline is known after ${at - since} ms`);
    expect(at - since).toBeGreaterThanOrEqual(1_500);
    expect(at - since).toBeLessThan(2_000);

    path.heal();
    const healed = Date.now();
    await offline(false);
    const back = (await fixture.next('up', healed)).at - healed;
    report(`back ${back} ms after the network`);
    expect(back).toBeLessThan(1_000);
  });

  test('knows of a black hole in time, and is back soon after the path is', async () => {
    const path = await fixture.pathTo(`${fixture.server.url}/quick`);
    await fixture.connected(path.url, EAGER);
    path.cut();
    const since = Date.now();
    const { at, code } = await fixture.next('down');
    expect(code).toBe(1006);
    report(`a black hole is known after ${at - since} ms`);
    expect(at - since).toBeLessThan(4_000);

    await fixture.next('retry');
    path.heal();
    const healed = Date.now();
    const back = (await fixture.next('up', healed)).at - healed;
    report(`back ${back} ms after the path`);
    expect(back).toBeLessThan(1_000);
  });

  test('gets the close event of a dead socket at once, and only once', async () => {
    const { events, server } = fixture;
    const path = await fixture.pathTo(`${server.url}/quick`);
    const page = await fixture.visit();
    await page.evaluate(`open(${JSON.stringify(path.url)}), 0`);
    await fixture.next('heartbeat:beat');
    path.cut();
    const dead = await fixture.next('heartbeat:dead');
    const { at, code } = await fixture.next('close');
    expect(code).toBe(1006);
    expect(at - dead.at).toBeLessThan(50);
    expect(await page.evaluate('socket.readyState')).toBe(3);
    expect(await page.evaluate('socket instanceof WebSocket')).toBe(true);
    const id = await page.evaluate('socket.heartbeat.id');
    path.heal();
    await events.when('disconnected', ({ liveness }) => liveness.id === id);
    await page.evaluate(`fetch('/').then((response) => response.text())`);
    expect(await fixture.count('close')).toBe(1);
    expect(await fixture.count('error')).toBe(0);
  });

  test('knows of a server that was stopped, and comes back when that goes on', async () => {
    const child = await Child.start(
      new URL('../support/programs/recording.server.ts', import.meta.url),
      { interval: 1_000, timeout: 3_000 },
    );
    const url = await child.ask<string>('url');
    const page = await fixture.connected(url, { maxDelay: 500, connectTimeout: 2_000 });

    // For less than what a silence may last: nobody notices.
    await child.freezeFor(1_000);
    const resumed = Date.now();
    await page.evaluate('connection.probe()');
    await fixture.next('beat', resumed);
    expect(await fixture.count('down')).toBe(0);

    child.freeze();
    const since = Date.now();
    const { at, code } = await fixture.next('down', since);
    expect(code).toBe(1006);
    report(`a stopped server is known after ${at - since} ms`);
    expect(at - since).toBeLessThan(4_000);
    child.thaw();
    const thawed = Date.now();
    const back = (await fixture.next('up', thawed)).at - thawed;
    report(`back ${back} ms after the server goes on`);
    expect(back).toBeLessThan(1_500);
    await child.kill();
  });
});
