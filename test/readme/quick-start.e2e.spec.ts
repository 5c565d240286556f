import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, type TestClient } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { codeBlocks } from './code.blocks.js';

/** Inside the package, so that the library resolves by its name, as for its users. */
const FOLDER = 'build/quick-start';

let server: ChildProcess | undefined;
let url: string;

beforeAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(`${FOLDER}/src`, { recursive: true });
  // What `nest new` makes, and the files of the quick start.
  cpSync('test/readme/starter', `${FOLDER}/src`, { recursive: true });
  for (const { path, code } of codeBlocks('README.md')) {
    if (path !== undefined) writeFileSync(`${FOLDER}/${path}`, code);
  }
  writeFileSync(
    `${FOLDER}/tsconfig.json`,
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { noEmit: false, rootDir: 'src', outDir: 'out', paths: {} },
      include: [],
      files: ['src/main.ts'],
    }),
  );
  execFileSync('node', ['node_modules/typescript/bin/tsc', '-p', FOLDER], { stdio: 'inherit' });
  const port = await freePort();
  url = `ws://127.0.0.1:${port}/chat`;
  server = spawn('node', [`${FOLDER}/out/main.js`], {
    env: { ...process.env, PORT: `${port}` },
    stdio: 'ignore',
  });
}, 60_000);

afterAll(async () => {
  if (server?.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGKILL');
  await exit;
});

/** Nest logs that it has started before it listens, so only a connection proves that it listens. */
async function connectOnceItListens(): Promise<TestClient> {
  for (;;) {
    try {
      return await connect(url);
    } catch {
      await delay(50);
    }
  }
}

test('the quick start compiles and runs as printed, monitors its gateway and drains on SIGTERM', async () => {
  const client = await connectOnceItListens();
  const answer = once(client.socket, 'message');
  client.socket.send(JSON.stringify({ event: 'status' }));
  const [data] = (await answer) as [Buffer];
  expect(JSON.parse(data.toString())).toEqual({
    event: 'status',
    data: { clients: 1, state: 'alive' },
  });
  const exit = once(server as ChildProcess, 'exit');
  server?.kill('SIGTERM');
  expect(await client.closed).toMatchObject({ code: 1012 });
  expect(await exit).toEqual([null, 'SIGTERM']);
}, 60_000);
