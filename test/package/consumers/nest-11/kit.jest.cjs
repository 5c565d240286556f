const { callsTheHook, evictsTheSilent } = require('./kit.cjs');

test('a client that goes silent is evicted', evictsTheSilent);
test('a hook is called', callsTheHook);
