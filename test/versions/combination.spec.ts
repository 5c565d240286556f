import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';

/** The combination that `npm run test:matrix` sets; by default the tests run on Nest 12 over plain sockets. */
const { MATRIX_NEST = '12', MATRIX_NODE = process.version, TEST_TLS, TEST_UNIX } = process.env;

const NEST = ['common', 'core', 'platform-express', 'platform-ws', 'testing', 'websockets'];

/** The version of a package as resolved from this file; Nest 12 does not export its package.json. */
function versionOf(name: string, from = new URL('.', import.meta.url)): string {
  const file = new URL(`node_modules/${name}/package.json`, from);
  if (!existsSync(file)) return versionOf(name, new URL('..', from));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

test('the tests run on the Node and Nest versions of the matrix', () => {
  expect(process.version).toBe(MATRIX_NODE);
  const majors = new Set(NEST.map((name) => versionOf(`@nestjs/${name}`).split('.')[0]));
  expect([...majors]).toEqual([MATRIX_NEST]);
  expect(versionOf('@nestjs/schedule')).toMatch(MATRIX_NEST === '11' ? /^6\./ : /^12\./);
});

test('the applications serve the kind of sockets of the matrix', async () => {
  const { connect, url } = await startMonitored([ChatGateway]);
  const protocol = TEST_TLS ? 'wss:' : TEST_UNIX ? 'ws+unix:' : 'ws:';
  expect(url.startsWith(protocol)).toBe(true);
  expect((await connect('/chat')).socket.readyState).toBe(1);
});
