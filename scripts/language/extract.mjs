// Splits a file into the identifiers and the prose in it. Both keep their offsets, so that a finding has a line.
import { extname } from 'node:path';
import ts from 'typescript';

/**
 * @typedef {{ text: string, index: number }} Piece
 * @typedef {{ identifiers: Piece[], literals: Piece[], prose: Piece[] }} Extract
 *   `literals` are strings of one word: members of unions, names of events.
 */

const SCRIPTS = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']);
const FENCED_SCRIPTS = /^(?:ts|typescript|js|javascript|mjs)\b/;
/** Comments of files that are not parsed: shell and Perl, CSS. */
const COMMENTS = {
  '.sh': /(?<![^\s])#.*$/gm,
  '.pl': /(?<![^\s])#.*$/gm,
  '.css': /\/\*[\s\S]*?\*\//g,
};
const WORD = /^[\w$-]+$/;

/** Replaces what is no prose by as many spaces, so that offsets stay. */
const blank = (text) => text.replace(/[^\n]/g, ' ');

/** @returns {Extract} */
export function extract(path, text) {
  const found = { identifiers: [], literals: [], prose: [] };
  found.identifiers.push(...namesIn(path, 0));
  const extension = extname(path);
  if (SCRIPTS.has(extension)) fromScript(text, 0, found);
  else if (extension === '.md') fromMarkdown(text, found);
  else if (extension === '.html') addProse(text, 0, found);
  else if (COMMENTS[extension])
    for (const { 0: comment, index } of text.matchAll(COMMENTS[extension]))
      addProse(comment, index, found);
  return found;
}

const namesIn = (text, offset) =>
  [...text.matchAll(/[A-Za-z_$][\w$]*/g)].map(({ 0: name, index }) => ({
    text: name,
    index: offset + index,
  }));

/** Adds paragraph by paragraph: a phrase does not span two. Code in backticks counts as identifiers. */
function addProse(text, offset, found) {
  const prose = text.replace(/`[^`]*`/g, (code, index) => {
    found.identifiers.push(...namesIn(code, offset + index));
    return blank(code);
  });
  let index = 0;
  for (const paragraph of prose.split(/(\n[ \t]*\n)/)) {
    if (/\S/.test(paragraph)) found.prose.push({ text: paragraph, index: offset + index });
    index += paragraph.length;
  }
}

function fromMarkdown(text, found) {
  const withoutFences = text.replace(
    /^( *)(```+)(.*)\n([\s\S]*?)^ *\2 *$/gm,
    (fence, indent, ticks, language, code, index) => {
      const offset = index + indent.length + ticks.length + language.length + 1;
      if (FENCED_SCRIPTS.test(language.trim())) fromScript(code, offset, found);
      return blank(fence);
    },
  );
  // The targets of links are paths; cells of a table are paragraphs of their own.
  const prose = withoutFences.replace(/\]\([^)]*\)/g, blank).replace(/\|/g, '\u0000');
  addProse(prose, 0, found);
}

function fromScript(text, offset, found) {
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  const seen = new Set();
  const visit = (node) => {
    if (ts.isJSDoc(node)) return;
    const start = node.getStart(file);
    if (isLeaf(node)) {
      addComments(text, node.pos, offset, seen, found);
      addToken(node, start, text.slice(start, node.end), offset, found);
      // What is inserted into a template is code.
      if (!ts.isTemplateExpression(node)) return;
    }
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
}

const isLeaf = (node) =>
  ts.isTemplateExpression(node) ||
  node.kind <= ts.SyntaxKind.LastToken ||
  ts.isTemplateLiteralToken(node);

function addToken(node, start, text, offset, found) {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
    found.identifiers.push({ text, index: offset + start });
  } else if (ts.isTemplateExpression(node)) {
    const prose = [node.head, ...node.templateSpans.map(({ literal }) => literal)];
    let result = blank(text);
    for (const part of prose) {
      const [from, to] = [part.getStart() - start, part.end - start];
      result = result.slice(0, from) + text.slice(from, to) + result.slice(to);
    }
    addText(result, offset + start, found);
  } else if (ts.isStringLiteralLike(node) && !isModuleName(node)) {
    addText(text, offset + start, found);
  } else if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) {
    addText(text, offset + start, found);
  }
}

const isModuleName = ({ parent }) =>
  ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);

/** Adds a string: a word or, with spaces in it, prose. Backticks and escapes are no part of the prose. */
function addText(text, index, found) {
  const inner = text.slice(1, -1);
  if (WORD.test(inner)) found.literals.push({ text: inner, index: index + 1 });
  else found.prose.push({ text: text.replace(/\\[nrt`]|`/g, blank), index });
}

/** Adds the comments before a token. Line comments that follow each other are one text. */
function addComments(text, position, offset, seen, found) {
  if (seen.has(position)) return;
  seen.add(position);
  const ranges = [
    ...(ts.getTrailingCommentRanges(text, position) ?? []),
    ...(ts.getLeadingCommentRanges(text, position) ?? []),
  ].filter(({ pos }) => !seen.has(`comment ${pos}`) && seen.add(`comment ${pos}`));
  let block;
  for (const { pos, end, kind } of ranges) {
    const isLine = kind === ts.SyntaxKind.SingleLineCommentTrivia;
    if (block && isLine && /^\s*$/.test(text.slice(block.end, pos)) && block.isLine)
      block.end = end;
    else {
      if (block) addComment(text, block, offset, found);
      block = { pos, end, isLine };
    }
  }
  if (block) addComment(text, block, offset, found);
}

function addComment(text, { pos, end }, offset, found) {
  const comment = text.slice(pos, end).replace(/^[ \t]*(?:\/\/+|\/\*+|\*+\/?)|\*\/$/gm, blank);
  addProse(comment, offset + pos, found);
}
