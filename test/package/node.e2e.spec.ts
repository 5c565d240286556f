import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LOWEST_NODES, NODES, Project } from './project.js';
import { KIT_RUNS, passed } from './runners.js';
import { FULL } from '../support/full.js';

/** Which applications run on all Nodes: one kind in each project, and both nightly. */
const kindsOf = (project: string, esm: string) =>
  FULL ? [esm, 'main.cjs'] : [project === 'nest-12' ? esm : 'main.cjs'];

describe.each(['nest-12', 'nest-11'])('the packed library in the project %s', (name) => {
  let project: Project;

  beforeAll(() => {
    project = new Project(name);
  });
  afterAll(() => project.remove());

  it('compiles, serves a client and closes', () => {
    const applications = ['application.ts', ...(name === 'nest-11' ? ['health.ts'] : [])];
    expect(project.compile(...applications)).toEqual({ code: 0, output: '' });
    expect(project.node(['application.js'])).toEqual({ code: 0, output: 'app closed\n' });
  });

  describe.each(kindsOf(name, 'main.mjs'))('with the application %s', (main) => {
    it.each(NODES)('has one identity for CommonJS and ESM libraries on Node %d', (major) => {
      expect(project.node([main], major)).toEqual({ code: 0, output: 'one identity\n' });
    });
  });

  it.each(KIT_RUNS[name] ?? [])('runs the tests of a gateway with %s', (_, args) => {
    expect(project.node(args)).toEqual(passed(2));
  });

  // Node before 20.19.5, 22.17 and 24.1 needs the order of imports that ordered.mjs has.
  describe.each(kindsOf(name, 'ordered.mjs'))('with the application %s', (main) => {
    it.each(LOWEST_NODES)('has one identity on Node %s, the first that is supported', (version) => {
      expect(project.node([main], version)).toEqual({ code: 0, output: 'one identity\n' });
    });
  });

  if (name === 'nest-12') {
    it.each([
      ['terminus', '@nestjs/terminus'],
      ['opentelemetry', '@opentelemetry/api'],
      ['prometheus', 'prom-client'],
    ])('%s names its peer and the command that installs it', (path, peer) => {
      const message = `nestjs-heartbeat/${path} needs ${peer}. Install it: npm install ${peer}`;
      for (const load of ['require', 'import']) {
        const outcome = project.node(['--eval', `void ${load}('nestjs-heartbeat/${path}')`]);
        expect(outcome).toEqual({
          code: 1,
          output: expect.stringContaining(`Error: ${message}\n`),
        });
      }
    });
  }

  if (name === 'nest-11') {
    it('checks the health with Terminus 11', () => {
      expect(project.node(['health.js'])).toEqual({
        code: 0,
        output: [
          "200 ok up up { degraded: true, reason: 'stalled' }\n",
          "503 error down up { degraded: undefined, reason: 'draining' }\n",
        ].join(''),
      });
    });

    // See docs/troubleshooting.md, "One copy per process".
    it('has two identities with --no-experimental-require-module', () => {
      const outcome = project.node(['--no-experimental-require-module', 'main.mjs']);
      expect(outcome.output).toContain("Nest can't resolve dependencies of the CommonJsGateway");
    });
  }
});
