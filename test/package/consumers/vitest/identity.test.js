import * as commonJsLibrary from 'commonjs-gateway';
import * as esmLibrary from 'esm-gateway';
import { test } from 'vitest';
import { checkIdentity } from './identity.mjs';

test('an ESM and a CommonJS library', () => checkIdentity(commonJsLibrary, esmLibrary));
