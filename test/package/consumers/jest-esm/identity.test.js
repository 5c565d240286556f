import { test } from '@jest/globals';
import * as esmLibrary from 'esm-gateway';
import { checkIdentity } from './identity.mjs';

test('an ESM library', () => checkIdentity(esmLibrary));

test('an ESM and a CommonJS library', async () => {
  // Not a static import: Jest evaluates CommonJS while it links, and reports ES modules that both load as a cycle.
  const commonJsLibrary = await import('commonjs-gateway');
  await checkIdentity(commonJsLibrary, esmLibrary);
});
