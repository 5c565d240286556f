// ES modules come first: before 20.19.5, 22.17 and 24.1, Node takes an ES module that a CommonJS module requires for a
// cycle if its import follows (https://github.com/nodejs/node/issues/58061).
import * as esmLibrary from 'esm-gateway';
import { checkIdentity } from './identity.mjs';
import * as commonJsLibrary from 'commonjs-gateway';

await checkIdentity(commonJsLibrary, esmLibrary);
console.log('one identity');
