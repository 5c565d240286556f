const commonJsLibrary = require('commonjs-gateway');
const esmLibrary = require('esm-gateway');
const { checkIdentity } = require('./identity.cjs');

void checkIdentity(commonJsLibrary, esmLibrary).then(() => console.log('one identity'));
