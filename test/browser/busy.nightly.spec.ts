import { expect, test } from '@jest/globals';
import { requires } from '../support/requirements.js';
import { expectNoClose, blockPage } from './busy.js';
import { BUSY, useBrowser } from './fixture.js';

const { interval, timeout } = BUSY;

requires('chromium')('a page whose main thread is blocked', () => {
  const fixture = useBrowser();

  test.each([
    ['half an interval after', interval / 2],
    ['just before', interval - 200],
  ])('%s a ping, for 6 s under a timeout of 10 s, stays connected', async (_, after) => {
    await expectNoClose(fixture, after);
  });

  test('for longer than the timeout is closed, although the browser answers ping frames', async () => {
    const { server, events } = fixture;
    await fixture.connected(`${server.url}/busy`);
    const disconnected = events.next('disconnected');
    const began = await blockPage(fixture, timeout * 1.5, 0);
    const { at, eviction } = await disconnected;
    expect(eviction?.code).toBe(4408);
    expect(eviction?.liveness.silence).toBeLessThan(timeout);
    expect(at - began).toBeLessThan(timeout * 1.5);
    expect((await fixture.next('down')).code).toBe(4408);
  });
});
