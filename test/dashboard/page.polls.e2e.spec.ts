import { expect, jest, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { eventually } from '../support/eventually.js';
import { requires } from '../support/requirements.js';
import { pageUrl, type Poll, PollLog, startQuick, state, useBrowser } from './dashboard.browser.js';

jest.setTimeout(120_000);

requires('chromium')('the polls of the page', () => {
  const browser = useBrowser();

  test('is stale with the age of the figures while polls fail, and live again after', async () => {
    const log = new PollLog();
    const page = await browser.open(pageUrl(await startQuick({ configure: log.configure })));
    await page.waitFor(`${state} === 'live'`);

    log.refuses = true;

    await page.waitFor(`${state} === 'stale'`);
    await page.waitFor(
      `/503.*These figures are [2-9] s old/.test(document.querySelector('main').innerText)`,
    );
    log.refuses = false;
    await page.waitFor(`${state} === 'live'`);
  });

  test('polls for the view that is shown alone, never twice at a time', async () => {
    const log = new PollLog();
    const page = await browser.open(pageUrl(await startQuick({ configure: log.configure })));
    const pollsOf = async (count: number) => {
      const begin = log.polls.length;
      while (log.polls.length < begin + count) await delay(50);
      return log.polls.slice(begin).map(({ path }) => path);
    };

    expect(new Set(await pollsOf(3))).toEqual(new Set(['/heartbeat/data/overview']));
    await page.click('a[href="#clients"]');
    await page.waitFor(`document.querySelector('[data-view=clients] .counts, .empty')`);
    expect(new Set(await pollsOf(3))).toEqual(new Set(['/heartbeat/data/clients']));
    await page.click('a[href="#history"]');
    await page.waitFor(`document.querySelector('[data-view=history] .counts, .empty')`);
    expect(new Set(await pollsOf(2))).toEqual(new Set(['/heartbeat/data/history']));
    // Between polls of one view: a new view is polled at once. The server may see the end of a poll late.
    const gaps = log.polls
      .map((poll, index) => ({ poll, before: log.polls[index - 1] }))
      .filter(({ poll, before }) => poll.path === before?.path)
      .map(({ poll, before }) => poll.startedAt - (before?.endedAt ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(1_000);
  });

  test('aborts the poll of a view that is left, and has no two open', async () => {
    const log = new PollLog();
    const page = await browser.open(pageUrl(await startQuick({ configure: log.configure })));
    log.latency = 1_500;
    const inFlight = async () => {
      const { length } = log.polls;
      while (log.polls.length === length) await delay(20);
    };

    for (const view of ['clients', 'history', 'overview']) {
      await inFlight();
      await page.evaluate(`location.hash = '#${view}'`);
    }
    await inFlight();

    const isOpen = ({ endedAt }: Poll) => endedAt === undefined;
    while (log.polls.slice(0, -1).some(isOpen)) await delay(20);
    // The server may read the next request before it learns of the abort.
    expect(log.overlap).toBeLessThan(700);
    expect(new Set(log.polls.map(({ path }) => path)).size).toBe(3);
  });

  test('does not poll while it is paused', async () => {
    const log = new PollLog();
    const page = await browser.open(pageUrl(await startQuick({ configure: log.configure })));

    await page.click('.freshness button');
    await page.waitFor(`${state} === 'stale'`);
    const before = log.polls.length;
    await page.waitFor(`/These figures are [5-9] s old/.test(document.body.innerText)`);

    expect(log.polls.length - before).toBeLessThanOrEqual(1);
    await page.click('.freshness button');
    await page.waitFor(`${state} === 'live'`);
  });

  test('does not poll while it is hidden', async () => {
    const log = new PollLog();
    const page = await browser.open(pageUrl(await startQuick({ configure: log.configure })));
    const setWindow = async (windowState: 'minimized' | 'normal') => {
      const { windowId } = await page.call<{ windowId: number }>('Browser.getWindowForTarget');
      await page.call('Browser.setWindowBounds', { windowId, bounds: { windowState } });
      await page.waitFor(`document.hidden === ${windowState === 'minimized'}`);
    };

    await setWindow('minimized');
    await delay(300);
    const before = log.polls.length;
    await delay(5_000);
    expect(log.polls.length).toBe(before);

    await setWindow('normal');
    // The page may still call the data of the last poll live, before the next one has arrived.
    await eventually(() => log.polls.length > before);
    expect(log.polls.length).toBeGreaterThan(before);
    await page.waitFor(`${state} === 'live'`);
  });

  test.each(['#overview', '#clients'])('%s shows that another instance answers', async (hash) => {
    const log = new PollLog();
    const [first, second] = [await startQuick(), await startQuick()];
    // As a load balancer without sticky sessions: every other request goes to the second application.
    const balancer = await startQuick({
      configure: (app: INestApplication) => {
        let requests = 0;
        app.use(
          (
            { originalUrl }: { originalUrl: string },
            response: { set(headers: Record<string, string>): { send(body: Buffer): void } },
            next: () => void,
          ) => {
            if (!originalUrl.includes('/data/')) return next();
            const target = requests++ % 2 === 0 ? first : second;
            void fetch(pageUrl(target, originalUrl)).then(async (answer) =>
              response
                .set(Object.fromEntries(answer.headers))
                .send(Buffer.from(await answer.arrayBuffer())),
            );
          },
        );
        log.configure(app);
      },
    });
    const page = await browser.open(pageUrl(balancer), hash);

    const notice = await page.waitFor<string>(
      `document.querySelector('[data-notice=instances]')?.innerText`,
    );

    for (const app of [first, second]) {
      const { instance } = await app.read<{ instance: { id: string } }>('/heartbeat/data/overview');
      expect(notice).toContain(instance.id);
    }
  });
});
