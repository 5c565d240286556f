// Compiles the documentation, with the settings and the types of this repository. The rule for authors:
//
// - Every block that starts with ```ts is a complete file with all of its imports.
// - A first line such as `// src/main.ts` names the file. Other blocks of the same page can import it.
// - docs/testing.md shows the files of test/readme/testing, which also run. docs/recipes.md shows those of test/recipes/recipes.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import ts from 'typescript';
import { codeBlocks, PAGES, type CodeBlock } from './code.blocks.js';

/** Inside the package, so that its dependencies resolve. */
const FOLDER = resolve('build/code-blocks');

const blocks = PAGES.flatMap(codeBlocks);
const named = blocks.map((block) => [`${block.page}:${block.line}`, block] as const);
const errors = new Map<string, string[]>();

function fileOf({ page, line, path = `line-${line}.ts` }: CodeBlock): string {
  return join(FOLDER, page.replace(/\W/g, '-'), path);
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, resolve('.'));
  // Examples have hooks that do nothing with their parameters.
  return { ...options, noUnusedLocals: false, noUnusedParameters: false };
}

beforeAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
  for (const block of blocks) {
    mkdirSync(dirname(fileOf(block)), { recursive: true });
    writeFileSync(fileOf(block), block.code);
  }
  // The quick start imports files that `nest new` makes.
  cpSync('test/readme/starter', join(FOLDER, 'README-md/src'), { recursive: true });
  const files = [...blocks.map(fileOf), resolve('test/readme/config.d.ts')];
  const program = ts.createProgram(files, compilerOptions());
  for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
    const name = file?.fileName ?? '';
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    errors.set(name, [...(errors.get(name) ?? []), message]);
  }
}, 60_000);

test.each(named)('%s compiles', (_, block) => {
  expect(errors.get(fileOf(block)) ?? []).toEqual([]);
});

test('nothing else of the program has errors', () => {
  const files = new Set(blocks.map(fileOf));
  expect([...errors].filter(([file]) => !files.has(file))).toEqual([]);
});

test('every block of a page has a file of its own', () => {
  expect(new Set(blocks.map(fileOf)).size).toBe(blocks.length);
});

test('docs/testing.md shows the files of test/readme/testing', () => {
  const folder = 'test/readme/testing';
  const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  const shown = codeBlocks('docs/testing.md').map(({ path, code }) => [
    path,
    code.slice(code.indexOf('\n') + 1),
  ]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(files));
});

test.each(PAGES)('%s has no code that is not compiled', (page) => {
  const languages = readFileSync(page, 'utf8').matchAll(/^ *```(\w*)\n.*?^ *```$/gms);
  const known = new Set(['ts', 'sh', 'json', 'yaml', 'text', 'js']);
  expect(
    [...languages].map(([, language = '']) => language).filter((one) => !known.has(one)),
  ).toEqual([]);
});
