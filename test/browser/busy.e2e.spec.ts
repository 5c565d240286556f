import { test } from '@jest/globals';
import { requires } from '../support/requirements.js';
import { expectNobodyGivesUp } from './busy.js';
import { useBrowser } from './fixture.js';

requires('chromium')('a page whose main thread is blocked', () => {
  const fixture = useBrowser();

  test('for 6 s under a timeout of 10 s is closed by nobody', async () => {
    await expectNobodyGivesUp(fixture, 0);
  });
});
