import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NODES, Project } from './project.js';
import { passed, RUNNERS } from './runners.js';

let project: Project;

beforeAll(() => {
  project = new Project('vitest');
});
afterAll(() => project.remove());

it.each(NODES)('has one identity for CommonJS and ESM libraries in Vitest on Node %d', (major) => {
  expect(project.node([...RUNNERS.vitest, 'identity'], major)).toEqual(passed(1));
});

it.each(NODES)('runs the tests of a gateway in Vitest on Node %d', (major) => {
  expect(project.node([...RUNNERS.vitest, 'kit'], major)).toEqual(passed(2));
});
