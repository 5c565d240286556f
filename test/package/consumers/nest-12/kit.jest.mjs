import { callsTheHook, evictsTheSilent } from './kit.mjs';

test('a client that goes silent is evicted', evictsTheSilent);
test('a hook is called', callsTheHook);
