import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const FOLDER = 'test/recipes/recipes';
const recipes = readdirSync(FOLDER).map((name) => readFileSync(`${FOLDER}/${name}`, 'utf8'));
const document = readFileSync('docs/recipes.md', 'utf8');
const blocks = [...document.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);

test.each(blocks.map((code, index) => [index + 1, code]))(
  'code block %i of docs/recipes.md is the code that is tested',
  (_number, code) => {
    expect(recipes.filter((recipe) => recipe.includes(String(code)))).toHaveLength(1);
  },
);

test('every recipe is in docs/recipes.md, and nothing else that looks like code', () => {
  expect(blocks).toHaveLength(recipes.length);
  expect(document.match(/^```/gm)).toHaveLength(2 * blocks.length);
});

test('docs/scaling.md shows the recipes for presence that are tested', () => {
  const folder = 'test/recipes/presence';
  const scaling = readFileSync('docs/scaling.md', 'utf8');
  const missing = readdirSync(folder).filter(
    (name) => !scaling.includes(`\`\`\`ts\n${readFileSync(`${folder}/${name}`, 'utf8')}\`\`\``),
  );
  expect(missing).toEqual([]);
});
