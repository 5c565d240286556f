const { test } = require('node:test');
const { callsTheHook, evictsTheSilent } = require('./kit.cjs');

void test('a client that goes silent is evicted', evictsTheSilent);
void test('a hook is called', callsTheHook);
