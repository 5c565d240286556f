import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../support/client.js';
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
  server = spawn('node', [`${FOLDER}/out/main.js`], { env: { ...process.env, PORT: `${port}` } });
  await said(server, 'successfully started');
});

afterAll(async () => {
  if (server?.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGKILL');
  await exit;
});

function said({ stdout }: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve) => {
    stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(text)) resolve();
    });
  });
}

test('the quick start compiles and runs as printed, guards its gateway and drains on SIGTERM', async () => {
  const client = await connect(url);
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
