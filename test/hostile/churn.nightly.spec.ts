import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { report } from '../support/report.js';
import { slopeOf } from './slope.js';

const run = promisify(execFile);

test('the heap stays flat during a short churn run', async () => {
  const { stdout } = await run('npm', ['run', '--silent', 'test:churn', '--', '20']);
  const lines = stdout.trim().split('\n');
  report(lines.at(-2)?.trim() ?? '');
  expect(lines[0]).toMatch(/start: \d+\.\d+ MiB/);
  expect(lines.at(-1)?.trim()).toBe('flat');
});

test('slopeOf() returns the slope of the regression line', () => {
  expect(slopeOf([[0, 5], [1, 7], [2, 9]])).toBeCloseTo(2, 9); // prettier-ignore
  expect(slopeOf([[0, 1], [1, 0], [2, 2], [3, 1]])).toBeCloseTo(0.2, 9); // prettier-ignore
});
