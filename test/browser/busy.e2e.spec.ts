import { test } from '@jest/globals';
import { requires } from '../support/requirements.js';
import { expectNoClose } from './busy.js';
import { useBrowser } from './fixture.js';

requires('chromium')('a page whose main thread is blocked', () => {
  const fixture = useBrowser();

  test('for 6 s under a timeout of 10 s stays connected', async () => {
    await expectNoClose(fixture, 0);
  });
});
