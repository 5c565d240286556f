import { test } from '@jest/globals';
import * as esmLibrary from 'esm-gateway';
import { checkIdentity } from './identity.mjs';

test('an ESM and a CommonJS library', async () => {
  const commonJsLibrary = await import('commonjs-gateway');
  await checkIdentity(commonJsLibrary, esmLibrary);
});
