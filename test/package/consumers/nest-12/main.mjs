import * as commonJsLibrary from 'commonjs-gateway';
import * as esmLibrary from 'esm-gateway';
import { checkIdentity } from './identity.mjs';

await checkIdentity(commonJsLibrary, esmLibrary);
console.log('one identity');
