import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { compile, install, pack, type Project, start, temporaryFolder, write } from './project.js';

// Installing from the registry takes what it takes.
jest.setTimeout(180_000);

const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  devDependencies: Record<string, string>;
};
const sameAsHere = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, devDependencies[name] ?? 'missing']));

const projects: Record<string, Project> = {
  'a Nest 12 project of ES modules': {
    type: 'module',
    versions: sameAsHere(
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/platform-express',
      '@nestjs/platform-ws',
      '@nestjs/schedule',
      '@nestjs/websockets',
      '@types/node',
      'reflect-metadata',
      'rxjs',
      'typescript',
      'ws',
    ),
  },
  'a Nest 11 project of CommonJS': {
    type: 'commonjs',
    versions: {
      '@nestjs/common': '11.2.10',
      '@nestjs/core': '11.2.10',
      '@nestjs/platform-express': '11.2.10',
      '@nestjs/platform-ws': '11.2.6',
      '@nestjs/schedule': '6.1.3',
      '@nestjs/websockets': '11.2.6',
      typescript: '5.9.3',
      ...sameAsHere('@types/node', 'reflect-metadata', 'rxjs', 'ws'),
    },
  },
};

describe('the packed library', () => {
  let packed: string;
  let tarball: string;

  beforeAll(() => {
    packed = temporaryFolder();
    tarball = pack(packed);
  });
  afterAll(() => rmSync(packed, { recursive: true, force: true }));

  describe.each(Object.entries(projects))('in %s', (_name, project) => {
    let folder: string;

    beforeAll(() => {
      folder = temporaryFolder();
      write(project, tarball, folder);
      install(folder);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('compiles, serves a client and closes', () => {
      expect(compile(folder)).toEqual({ code: 0, output: '' });
      expect(start(folder)).toEqual({ code: 0, output: 'app closed\n' });
    });
  });
});
