import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NODES, Project } from './project.js';

const VITEST = ['node_modules/vitest/vitest.mjs', 'run'];

let project: Project;

beforeAll(() => {
  project = new Project('vitest');
});
afterAll(() => project.remove());

it.each(NODES)('has one identity for CommonJS and ESM libraries in Vitest on Node %d', (major) => {
  expect(project.node([...VITEST, 'identity'], major)).toEqual({
    code: 0,
    output: expect.stringMatching(/^ +Tests +1 passed \(1\)$/m),
  });
});

it('runs the tests of a gateway in Vitest', () => {
  expect(project.node([...VITEST, 'kit'])).toEqual({
    code: 0,
    output: expect.stringMatching(/^ +Tests +2 passed \(2\)$/m),
  });
});
