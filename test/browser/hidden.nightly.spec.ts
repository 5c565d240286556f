import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Page } from '../support/chromium.js';
import { report } from '../support/report.js';
import { requires } from '../support/requirements.js';
import { APPLICATION, SLOW_LIMIT, useBrowser } from './fixture.js';

const HIDDEN = 150_000;
/** Chromium lets timers of a page fire once a minute when it has been hidden for five; here after ten seconds. */
const THROTTLE = '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10';
/** How far apart the timers of a throttled page are, at least: the first gap ends with a minute of the clock. */
const THROTTLED = 20_000;

/** Notes how far apart the calls of a timer are that should come every second. */
const WATCH_TIMERS = `
  globalThis.gaps = [];
  globalThis.last = Date.now();
  setInterval(() => { gaps.push(Date.now() - last); last = Date.now(); }, 1_000);
  0`;

requires('chromium')('a hidden page', () => {
  const fixture = useBrowser(THROTTLE);

  test(
    'is closed by nobody in 150 s, although its timers fire once a minute',
    async () => {
      const { server, events, browser, pages } = fixture;
      const url = JSON.stringify(`${server.url}/application`);

      // One that beats by a timer of its own: it shows what throttled timers do to others.
      const control = await browser.open(pages.url);
      await control.waitFor(`document.title === 'ready'`);
      await control.evaluate(`
      globalThis.own = new WebSocket(${url});
      own.onclose = ({ code }) => note('close', { code });
      setInterval(() => own.send('{"event":"heartbeat"}'), ${APPLICATION.timeout / 2});
      ${WATCH_TIMERS}`);
      await events.when('connected');

      const page = await fixture.connected(`${server.url}/application`);
      await page.evaluate(WATCH_TIMERS);
      const connected = events.of('connected').length;
      const front = await browser.open(`${pages.url}other`);
      const since = Date.now();
      await delay(HIDDEN);

      for (const hidden of [control, page]) {
        expect(await hidden.evaluate('document.visibilityState')).toBe('hidden');
        expect(await longestGap(hidden)).toBeGreaterThan(THROTTLED);
      }
      report(`timers of the hidden page were up to ${await longestGap(page)} ms apart`);

      const [closing, ...others] = events.of('disconnected');
      expect(others).toEqual([]);
      expect(closing?.eviction?.code).toBe(4408);
      expect(await control.evaluate(`next('close').then(({ code }) => code)`)).toBe(4408);

      expect(events.of('connected')).toHaveLength(connected);
      expect(await fixture.count('up')).toBe(1);
      expect(await fixture.count('down')).toBe(0);
      const beats = await page.evaluate<number>(
        `log.filter(({ name, at }) => name === 'beat' && at >= ${since}).length`,
      );
      report(`and it answered ${beats} times in ${HIDDEN / 1_000} s`);
      expect(beats).toBeGreaterThan(HIDDEN / APPLICATION.timeout);
      await Promise.all([front.close(), control.close()]);
    },
    SLOW_LIMIT,
  );
});

function longestGap(page: Page): Promise<number> {
  return page.evaluate('Math.max(...gaps, Date.now() - last)');
}
