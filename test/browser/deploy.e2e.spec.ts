import { expect, test } from '@jest/globals';
import { HeartbeatModule } from 'nestjs-heartbeat';
import { startApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { report } from '../support/report.js';
import { requires } from '../support/requirements.js';
import { SLOW, useBrowser } from './fixture.js';

const CLIENTS = 50;

requires('chromium')('a deploy', () => {
  const fixture = useBrowser();

  test('moves fifty clients to the new server, spread over the drain period', async () => {
    const { server, events } = fixture;
    const leaving = await startApp({
      imports: [HeartbeatModule.forRoot(SLOW)],
      providers: [ChatGateway],
    });
    const page = await fixture.visit();
    await page.evaluate(`
      globalThis.url = ${JSON.stringify(`${leaving.url}/chat`)};
      globalThis.all = Array.from({ length: ${CLIENTS} }, () => start(() => url, { baseDelay: 60_000, maxDelay: 60_000 }));
      new Promise((resolve) => {
        let ready = 0;
        for (const one of all) {
          const stop = one.on('beat', () => { stop(); if (++ready === ${CLIENTS}) resolve(0); });
        }
      })`);
    const eventsBefore = events.all.length;
    await page.evaluate(`url = ${JSON.stringify(`${server.url}/chat`)}, 0`);
    const closed = leaving.app.close();
    await page.evaluate(`times('up', ${2 * CLIENTS})`);
    expect(await page.evaluate(`all.every(({ status }) => status === 'open')`)).toBe(true);
    await closed;
    const times = events.all
      .slice(eventsBefore)
      .filter(({ type }) => type === 'connected')
      .map(({ at }) => at);
    expect(times).toHaveLength(CLIENTS);
    const spread = Math.max(...times) - Math.min(...times);
    report(`${CLIENTS} clients reconnected over ${spread} ms`);
    // The drain takes 2 500 ms, so 100 ms have two clients on average. A busy machine reads several at once.
    expect(spread).toBeGreaterThan(2_000);
    for (const time of times) {
      expect(times.filter((at) => at >= time && at < time + 100).length).toBeLessThanOrEqual(15);
    }
    const codes = await page.evaluate<number[]>(
      `log.filter(({ name }) => name === 'down').map(({ code }) => code)`,
    );
    expect(new Set(codes)).toEqual(new Set([1012]));
  });
});
