import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const PROGRAM = new URL('./throwing.subscriber.ts', import.meta.url);

/** Runs the program with a subscriber that throws in a process of its own. */
function run(...args: string[]): Promise<{ exitCode: unknown; stdout: string; stderr: string }> {
  const flags = ['--import', '@swc-node/register/esm-register'];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, fileURLToPath(PROGRAM), ...args],
      { timeout: 60_000 },
      (error, stdout, stderr) => resolve({ exitCode: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('a subscriber that throws ends the process: RxJS throws its error again, asynchronously', async () => {
  const { exitCode, stdout, stderr } = await run();
  expect(exitCode).toBe(1);
  expect(stderr).toContain('Error: a subscriber failed');
  // The error is thrown later: all other subscribers have received the event before.
  expect(stdout).toContain('another subscriber: connected');
  expect(stdout).not.toContain('closed');
}, 120_000);

test('with config.onUnhandledError of RxJS the process keeps running, and its clients stay connected', async () => {
  const { exitCode, stdout, stderr } = await run('--hook');
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('unhandled: a subscriber failed');
  expect(stdout).toContain('another subscriber: connected');
  expect(stdout).toContain('a probe was answered');
  expect(stdout).toContain('closed with 1012');
}, 120_000);
