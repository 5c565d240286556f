import { expect, test } from '@jest/globals';
import { requires } from '../support/requirements.js';
import { expectNobodyGivesUp, keepBusy } from './busy.js';
import { BUSY, useBrowser } from './fixture.js';

const { interval, timeout } = BUSY;

requires('chromium')('a page whose main thread is blocked', () => {
  const fixture = useBrowser();

  test.each([
    ['half an interval after', interval / 2],
    ['just before', interval - 200],
  ])('%s a ping, for 6 s under a timeout of 10 s, is closed by nobody', async (_, after) => {
    await expectNobodyGivesUp(fixture, after);
  });

  test('for longer than the timeout is closed, although its browser answers pings meanwhile', async () => {
    const { server, events } = fixture;
    await fixture.connected(`${server.url}/busy`);
    const gone = events.next('disconnected');
    const began = await keepBusy(fixture, timeout * 1.5, 0);
    const { at, eviction } = await gone;
    expect(eviction?.code).toBe(4408);
    expect(eviction?.liveness.silence).toBeLessThan(timeout);
    expect(at - began).toBeLessThan(timeout * 1.5);
    expect((await fixture.next('down')).code).toBe(4408);
  });
});
