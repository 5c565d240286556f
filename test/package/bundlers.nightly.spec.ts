import { expect, it } from '@jest/globals';
import { Project } from './project.js';

it.each([
  ['esbuild', 'main.mjs'],
  ['webpack', 'main.cjs'],
])('has one identity for CommonJS and ESM libraries in a bundle of %s', (bundler, bundle) => {
  const project = new Project(bundler);
  try {
    expect(project.node(['build.js'])).toEqual({ code: 0, output: '' });
    expect(project.runBundle(bundle)).toEqual({ code: 0, output: 'one identity\n' });
  } finally {
    project.remove();
  }
});
