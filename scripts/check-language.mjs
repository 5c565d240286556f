// Keeps retired terms out of code, texts and documents: see language/rules.mjs.
//
//   node scripts/check-language.mjs             lists the findings; exit code 1 if there are some
//   node scripts/check-language.mjs --count     counts them by term; with folders, one column for each
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checker } from './language/check.mjs';
import { RULES } from './language/rules.mjs';

const FILES = ['README.md', 'CHANGELOG.md'];
const FOLDERS = ['src', 'test', 'docs', 'example', 'bench', 'scripts'];
const CHECKED = /\.(?:[mc]?[jt]sx?|md|html|css|sh|pl)$/;
/** The terms themselves, and what is generated. */
const EXCLUDED = /(?:^|\/)(?:node_modules|api)\/|^scripts\/language\/rules\.mjs$|^test\/language\//;

const check = checker(RULES);

function pathsIn(root) {
  const paths = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { encoding: 'utf8', recursive: true }).map((name) =>
      join(folder, name),
    ),
  );
  return [...FILES, ...paths]
    .filter((path) => CHECKED.test(path) && !EXCLUDED.test(path))
    .toSorted();
}

function findingsIn(root) {
  return pathsIn(root).flatMap((path) =>
    check(path, readFileSync(join(root, path), 'utf8')).map((finding) => ({ path, ...finding })),
  );
}

function list() {
  const findings = findingsIn('.');
  for (const { path, line, text, rule } of findings)
    console.log(`${path}:${line}  ${text}  → ${rule.use}`);
  console.log(`${findings.length} retired terms`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

function count(roots) {
  const columns = roots.map((root) => {
    const findings = findingsIn(root);
    return [
      ...RULES.map((rule) => findings.filter((one) => one.rule === rule).length),
      findings.length,
    ];
  });
  console.log(`| retired term | use | ${roots.join(' | ')} |`);
  console.log(`|---|---|${roots.map(() => '---:|').join('')}`);
  for (const [index, { term, use }] of [...RULES, { term: '**all**', use: '' }].entries())
    console.log(`| ${term} | ${use} | ${columns.map((column) => column[index]).join(' | ')} |`);
}

const [mode, ...roots] = process.argv.slice(2);
if (mode === '--count') count(roots.length > 0 ? roots : ['.']);
else list();
