import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, type TestClient } from '../support/client.js';
import { freePort } from '../support/free-port.js';

/** Inside of the package, so that it finds the library by its name, as its users do. */
const FOLDER = 'build/quick-start';

let server: ChildProcess | undefined;
let url: string;

beforeAll(async () => {
  const readme = readFileSync('README.md', 'utf8');
  const [, code = ''] = /## Quick start\n+```ts\n(.*?)```/s.exec(readme) ?? [];
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/main.ts`, code);
  writeFileSync(
    `${FOLDER}/tsconfig.json`,
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { noEmit: false, rootDir: '.', outDir: 'out', paths: {} },
      include: [],
      files: ['main.ts'],
    }),
  );
  execFileSync('node', ['node_modules/typescript/bin/tsc', '-p', FOLDER], { stdio: 'inherit' });
  const port = await freePort();
  url = `ws://127.0.0.1:${port}/chat`;
  server = spawn('node', [`${FOLDER}/out/main.js`], {
    env: { ...process.env, PORT: `${port}` },
    stdio: 'ignore',
  });
});

afterAll(async () => {
  if (server?.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGKILL');
  await exit;
});

/** Nest says that it has started before it listens, so that only a connection tells. */
async function connectOnceItListens(): Promise<TestClient> {
  for (;;) {
    try {
      return await connect(url);
    } catch {
      await delay(50);
    }
  }
}

test('the quick start compiles and runs as printed, guards its gateway and drains on SIGTERM', async () => {
  const client = await connectOnceItListens();
  const answer = once(client.socket, 'message');
  client.socket.send(JSON.stringify({ event: 'who' }));
  const [data] = (await answer) as [Buffer];
  expect(JSON.parse(data.toString())).toEqual({
    event: 'who',
    data: { present: 1, you: 'alive' },
  });
  const exit = once(server as ChildProcess, 'exit');
  server?.kill('SIGTERM');
  expect(await client.closed).toMatchObject({ code: 1012 });
  expect(await exit).toEqual([null, 'SIGTERM']);
}, 60_000);
