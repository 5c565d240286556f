import { test } from 'node:test';
import { callsTheHook, evictsTheSilent } from './kit.mjs';

void test('a client that goes silent is evicted', evictsTheSilent);
void test('a hook is called', callsTheHook);
