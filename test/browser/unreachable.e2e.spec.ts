import { afterAll, expect, test } from '@jest/globals';
import { Child, killAll } from '../support/child.js';
import { report } from '../support/report.js';
import { requires } from '../support/requirements.js';
import { useBrowser } from './fixture.js';

/** Options of a client that waits at most half a second between attempts. */
const EAGER = { maxDelay: 500, connectTimeout: 500 };

requires('chromium')('a page whose server cannot be reached', () => {
  const fixture = useBrowser();
  afterAll(killAll);

  test('detects that the network is gone by an unanswered ping', async () => {
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
    report(`offline is detected after ${at - since} ms`);
    expect(at - since).toBeGreaterThanOrEqual(1_500);
    expect(at - since).toBeLessThan(2_000);

    path.heal();
    const healedAt = Date.now();
    await offline(false);
    const back = (await fixture.next('up', healedAt)).at - healedAt;
    report(`reconnected ${back} ms after the network was back`);
    expect(back).toBeLessThan(1_000);
  });

  test('detects a cut path in time, and reconnects soon after it works again', async () => {
    const path = await fixture.pathTo(`${fixture.server.url}/quick`);
    await fixture.connected(path.url, EAGER);
    path.cut();
    const since = Date.now();
    const { at, code } = await fixture.next('down');
    expect(code).toBe(1006);
    report(`a cut path is detected after ${at - since} ms`);
    expect(at - since).toBeLessThan(4_000);

    await fixture.next('retry');
    path.heal();
    const healedAt = Date.now();
    const back = (await fixture.next('up', healedAt)).at - healedAt;
    report(`reconnected ${back} ms after the path worked again`);
    expect(back).toBeLessThan(1_000);
  });

  test('receives the close event of a dead socket at once, and only once', async () => {
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

  test('detects a stopped server, and reconnects when it continues', async () => {
    const child = await Child.start(
      new URL('../support/programs/recording.server.ts', import.meta.url),
      { interval: 1_000, timeout: 3_000 },
    );
    const url = await child.request<string>('url');
    const page = await fixture.connected(url, { maxDelay: 500, connectTimeout: 2_000 });

    // A stop that is shorter than the timeout has no effect.
    await child.freezeFor(1_000);
    const resumed = Date.now();
    await page.evaluate('connection.probe()');
    await fixture.next('beat', resumed);
    expect(await fixture.count('down')).toBe(0);

    child.freeze();
    const since = Date.now();
    const { at, code } = await fixture.next('down', since);
    expect(code).toBe(1006);
    report(`a stopped server is detected after ${at - since} ms`);
    expect(at - since).toBeLessThan(4_000);
    child.thaw();
    const thawedAt = Date.now();
    const back = (await fixture.next('up', thawedAt)).at - thawedAt;
    report(`reconnected ${back} ms after the server continued`);
    expect(back).toBeLessThan(1_500);
    await child.kill();
  });
});
