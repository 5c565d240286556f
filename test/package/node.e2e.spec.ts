import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LOWEST_NODES, NODES, Project } from './project.js';

describe.each(['nest-12', 'nest-11'])('the packed library in the project %s', (name) => {
  let project: Project;

  beforeAll(() => {
    project = new Project(name);
  });
  afterAll(() => project.remove());

  it('compiles, serves a client and closes', () => {
    expect(project.compileApplication()).toEqual({ code: 0, output: '' });
    expect(project.node(['application.js'])).toEqual({ code: 0, output: 'app closed\n' });
  });

  describe.each(['main.mjs', 'main.cjs'])('with the application %s', (main) => {
    it.each(NODES)('has one identity for CommonJS and ESM libraries on Node %d', (major) => {
      expect(project.node([main], major)).toEqual({ code: 0, output: 'one identity\n' });
    });
  });

  // Node before 20.19.5, 22.17 and 24.1 needs the order of imports that ordered.mjs has.
  describe.each(['ordered.mjs', 'main.cjs'])('with the application %s', (main) => {
    it.each(LOWEST_NODES)('has one identity on Node %s, the first that is supported', (version) => {
      expect(project.node([main], version)).toEqual({ code: 0, output: 'one identity\n' });
    });
  });

  if (name === 'nest-11') {
    // See docs/troubleshooting.md, "One copy per process".
    it('has two identities with --no-experimental-require-module', () => {
      const outcome = project.node(['--no-experimental-require-module', 'main.mjs']);
      expect(outcome.output).toContain("Nest can't resolve dependencies of the CommonJsGateway");
    });
  }
});
