import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { startGuarded } from '../support/guarded.js';

/** What `npm run test:matrix` says that this run is about; alone, the tests run on Nest 12 over plain sockets. */
const { MATRIX_NEST = '12', MATRIX_NODE = process.version, TEST_TLS } = process.env;

const version = (name: string) =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;

test('the tests run on the Node and the Nest that they are said to run on', () => {
  expect(process.version).toBe(MATRIX_NODE);
  for (const name of ['common', 'core', 'platform-express', 'platform-ws', 'testing', 'websockets'])
    expect(version(`@nestjs/${name}`)).toMatch(new RegExp(`^${MATRIX_NEST}\\.`));
  expect(version('@nestjs/schedule')).toMatch(MATRIX_NEST === '11' ? /^6\./ : /^12\./);
});

test('the applications serve the sockets that they are said to serve', async () => {
  const { connect, url } = await startGuarded([ChatGateway]);
  expect(url).toMatch(TEST_TLS ? /^wss:/ : /^ws:/);
  expect((await connect('/chat')).socket.readyState).toBe(1);
});
