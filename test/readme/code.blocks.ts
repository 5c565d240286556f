import { readdirSync, readFileSync } from 'node:fs';

/** Every page with code. `recipes.md` has a test of its own, in test/recipes. */
export const PAGES = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md') && name !== 'recipes.md')
    .map((name) => `docs/${name}`),
];

/** A block of TypeScript in a page of the documentation. */
export interface CodeBlock {
  readonly page: string;
  /** The line of the page on which the code starts, from 1. */
  readonly line: number;
  readonly code: string;
  /** The path in the first line of the block, `// src/main.ts`: other blocks of the page import it by that path. */
  readonly path: string | undefined;
}

/** The blocks of a page that are marked as TypeScript. */
export function codeBlocks(page: string): CodeBlock[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^ *```ts\n(.*?)^ *```/gms)].map(({ index, 1: code = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    code,
    path: /^\/\/ (\S+\.ts)\n/.exec(code)?.[1],
  }));
}
