const commonJsLibrary = require('commonjs-gateway');
const esmLibrary = require('esm-gateway');
const { checkIdentity } = require('./identity.cjs');

test('an ESM and a CommonJS library', () => checkIdentity(commonJsLibrary, esmLibrary));
