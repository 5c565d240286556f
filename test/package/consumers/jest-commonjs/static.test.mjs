import { test } from '@jest/globals';
import * as commonJsLibrary from 'commonjs-gateway';
import * as esmLibrary from 'esm-gateway';
import { checkIdentity } from './identity.mjs';

test('an ESM and a CommonJS library, both imported statically', () =>
  checkIdentity(commonJsLibrary, esmLibrary));
