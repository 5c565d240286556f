import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NODES, Project } from './project.js';
import { passed, RUNNERS } from './runners.js';

const failedWith = (error: string) => ({ code: 1, output: expect.stringContaining(error) });

describe('in Jest on Nest 11', () => {
  let project: Project;

  beforeAll(() => {
    project = new Project('jest-commonjs');
  });
  afterAll(() => project.remove());

  it.each(NODES)('has one identity for CommonJS and ESM libraries on Node %d', (major) => {
    expect(project.node([...RUNNERS.jest, 'identity'], major)).toEqual(passed(1));
  });

  it.each(NODES)('runs the tests of a gateway on Node %d', (major) => {
    expect(project.node([...RUNNERS.jest, 'kit'], major)).toEqual(passed(2));
  });

  describe('with --experimental-vm-modules', () => {
    const esm = [...RUNNERS.jestModules, '--config', 'jest.esm.config.js'];
    const mapped = [...RUNNERS.jestModules, '--config', 'jest.mapped.config.js'];

    // The exception in docs/troubleshooting.md, "One copy per process": Jest cannot `require()` ES modules there.
    it.each([20, 22] as const)('has two identities on Node %d', (major) => {
      expect(project.node([...esm, 'identity'], major)).toEqual(
        failedWith("Nest can't resolve dependencies of the CommonJsGateway"),
      );
    });

    it('has one identity on Node 24, if the CommonJS library is not imported statically', () => {
      expect(project.node([...esm, 'identity'], 24)).toEqual(passed(1));
      expect(project.node([...esm, 'static'], 24)).toEqual(failedWith('in a cycle'));
    });

    it.each(NODES)('has one identity with the documented mapping on Node %d', (major) => {
      expect(project.node(mapped, major)).toEqual(passed(2));
    });
  });
});

describe('in Jest on Nest 12', () => {
  let project: Project;

  beforeAll(() => {
    project = new Project('jest-esm');
  });
  afterAll(() => project.remove());

  it('has one identity for CommonJS and ESM libraries on Node 24', () => {
    expect(project.node([...RUNNERS.jestModules, 'identity'], 24)).toEqual(passed(2));
  });

  it.each(NODES)('runs the tests of a gateway on Node %d', (major) => {
    expect(project.node([...RUNNERS.jestModules, 'kit'], major)).toEqual(passed(2));
  });

  // Nest 12 consists of ES modules, so that Jest cannot load a CommonJS library for it there at all.
  it.each([20, 22] as const)('has one identity for ESM libraries on Node %d', (major) => {
    const esm = [...RUNNERS.jestModules, 'identity', '--testNamePattern', '^an ESM library$'];
    expect(project.node(esm, major)).toEqual({
      code: 0,
      output: expect.stringMatching(/^Tests: +1 skipped, 1 passed, 2 total$/m),
    });
    expect(project.node([...RUNNERS.jestModules, 'identity'], major)).toEqual(
      failedWith('Must use import to load ES Module'),
    );
  });
});
