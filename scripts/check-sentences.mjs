// Checks that the main pages of the documentation are easy to read: no sentence has more than 25 words. Tables, code, headings and
// comments are left out. An item of a list counts on its own. Usage: node scripts/check-sentences.mjs [file …]
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export const MOST_WORDS = 25;

const PAGES = [
  'README.md',
  'docs/guide.md',
  'docs/shutdown.md',
  'docs/operations.md',
  'docs/client.md',
  'docs/testing.md',
  'docs/scaling.md',
  'docs/troubleshooting.md',
  'docs/SECURITY.md',
  'docs/RELIABILITY.md',
  'docs/recipes.md',
];

/** The paragraphs and list items of a page, without what is no prose. */
function paragraphsOf(markdown) {
  return markdown
    .replace(/^ *```.*?^ *```$/gms, '')
    .replace(/<!--.*?-->/gs, '')
    .replace(/^(\||#|!\[).*$/gm, '')
    .replace(/^ *(-|\d+\.) /gm, '\n')
    .split(/\n\s*\n/)
    .map((text) => text.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '');
}

/** Text in backquotes and the address of a link are one word each. */
function plain(paragraph) {
  return paragraph
    .replace(/`[^`]*`/g, 'code')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/[*_[\]<>]/g, '');
}

/** The sentences of a page that have more words than allowed. */
export function longSentences(markdown, most = MOST_WORDS) {
  return paragraphsOf(markdown)
    .flatMap((paragraph) => plain(paragraph).split(/(?<=[.!?])\s+(?=[A-Z0-9"'(]|code\b)/))
    .filter((sentence) => wordsOf(sentence) > most);
}

function wordsOf(sentence) {
  return sentence.split(' ').filter((word) => /\w/.test(word)).length;
}

function main(pages) {
  let count = 0;
  for (const page of pages) {
    for (const sentence of longSentences(readFileSync(page, 'utf8'))) {
      count++;
      console.error(`${page}: ${wordsOf(sentence)} words, at most ${MOST_WORDS}: ${sentence}`);
    }
  }
  if (count > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main(process.argv.length > 2 ? process.argv.slice(2) : PAGES);
}
