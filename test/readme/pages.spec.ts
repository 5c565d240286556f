import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { longSentences } from '../../scripts/check-sentences.mjs';
import { PAGES } from './code.blocks.js';

const pages = [...PAGES, 'docs/recipes.md'];

interface Link {
  readonly file: string;
  readonly anchor: string | undefined;
}

/** The links of a page to other files, and to headings. */
function linksOf(page: string): Link[] {
  const text = readFileSync(page, 'utf8').replace(/^ *```.*?^ *```$/gms, '');
  return [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(
    ([, file = '', anchor]) => ({ file: file === '' ? page : join(dirname(page), file), anchor }),
  );
}

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replace(/ /g, '-'),
  );
}

test('README has at most 200 lines', () => {
  expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThanOrEqual(200);
});

test.each(pages)('every link of %s leads somewhere', (page) => {
  const broken = linksOf(page).filter(
    ({ file, anchor }) =>
      !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor)),
  );
  expect(broken).toEqual([]);
});

test('what the pages link to is in the package', () => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const packed = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', stdio: 'pipe' })) as
    { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>;
  const files = new Set(
    Object.values(packed).flatMap(({ files }) => files.map(({ path }) => path)),
  );
  const missing = pages.flatMap(linksOf).filter(({ file }) => !files.has(file));
  expect(missing).toEqual([]);
});

test('a sentence of more than 25 words is found, and one in a table or in code is not', () => {
  const words = (count: number) => `First ${'word '.repeat(count - 2)}last`;
  expect(longSentences(`${words(25)}.`)).toEqual([]);
  expect(longSentences(`Short. ${words(26)}. Short.`)).toHaveLength(1);
  expect(longSentences(`| ${words(40)} |`)).toEqual([]);
  expect(longSentences(`\`\`\`ts\n${words(40)}\n\`\`\``)).toEqual([]);
});
