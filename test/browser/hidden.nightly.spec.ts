import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Page } from '../support/chromium.js';
import { report } from '../support/report.js';
import { requires } from '../support/requirements.js';
import { APPLICATION, SLOW_LIMIT, useBrowser } from './fixture.js';

const HIDDEN = 150_000;
/** Chromium runs the timers of a page once per minute after it was hidden for five minutes; with this, after 10 s. */
const THROTTLE = '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10';
/** Minimum gap between timers of a throttled page, ms. The first gap is shorter: it ends at the next full minute. */
const THROTTLED = 20_000;

/** Records the gaps between the calls of a timer with a period of 1 s. */
const WATCH_TIMERS = `
  globalThis.gaps = [];
  globalThis.last = Date.now();
  setInterval(() => { gaps.push(Date.now() - last); last = Date.now(); }, 1_000);
  0`;

requires('chromium')('a hidden page', () => {
  const fixture = useBrowser(THROTTLE);

  test(
    'stays connected for 150 s, although its timers run once per minute',
    async () => {
      const { server, events, browser, pages } = fixture;
      const url = JSON.stringify(`${server.url}/application`);

      // A page that sends heartbeats by its own timer. It is closed, which shows the effect of throttling.
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
      const hiddenAt = Date.now();
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
        `log.filter(({ name, at }) => name === 'beat' && at >= ${hiddenAt}).length`,
      );
      report(`it received ${beats} heartbeat messages in ${HIDDEN / 1_000} s`);
      expect(beats).toBeGreaterThan(HIDDEN / APPLICATION.timeout);
      await Promise.all([front.close(), control.close()]);
    },
    SLOW_LIMIT,
  );
});

function longestGap(page: Page): Promise<number> {
  return page.evaluate('Math.max(...gaps, Date.now() - last)');
}
