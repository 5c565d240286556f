import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** The sources as one text in which messages stand as they are shown, with `…` for what is filled in. */
function shownTexts(): string {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files
    .map((name) => readFileSync(join('src', name), 'utf8'))
    .join('\n')
    .replace(/['`] \+\s+['`]/g, '')
    .replace(/\\`/g, '`')
    .replace(/\$\{[^}]*\}/g, '…');
}

test('every message that docs/troubleshooting.md quotes is one of this package, or names its package', () => {
  const [, startup = ''] =
    /^## Startup\n(.*?)^## /ms.exec(readFileSync('docs/troubleshooting.md', 'utf8')) ?? [];
  const rows = startup
    .split('\n')
    .filter((row) => row.startsWith('| `') && !row.includes('from Nest'));
  expect(rows.length).toBeGreaterThanOrEqual(10);
  const texts = shownTexts();
  const quoted = rows.map((row) =>
    (/^\| (`+) ?(.*?) ?\1/.exec(row)?.[2] ?? row).replace(/^…|…$/g, '').trim(),
  );
  expect(quoted.filter((quote) => !texts.includes(quote))).toEqual([]);
});

test('npm run check:sentences finds nothing', () => {
  const { status, stderr } = spawnSync('node', ['scripts/check-sentences.mjs'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a sentence of more than 25 words is found, and one in a table or in code is not', () => {
  const words = (count: number) => `First ${'word '.repeat(count - 2)}last`;
  expect(longSentences(`${words(25)}.`)).toEqual([]);
  expect(longSentences(`Short. ${words(26)}. Short.`)).toHaveLength(1);
  expect(longSentences(`| ${words(40)} |`)).toEqual([]);
  expect(longSentences(`\`\`\`ts\n${words(40)}\n\`\`\``)).toEqual([]);
});
