// Finds `await` outside of functions. `require()` cannot load a file that has one.
import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** @type {number} */
const AWAIT_USING = ts.NodeFlags.AwaitUsing;

function isAwait(node) {
  if (ts.isAwaitExpression(node)) return true;
  if (ts.isForOfStatement(node)) return node.awaitModifier !== undefined;
  return ts.isVariableDeclarationList(node) && (node.flags & AWAIT_USING) === AWAIT_USING;
}

/** The line of the first top-level `await` of an ES module, counted from 1, or undefined. */
export function findTopLevelAwait(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const find = (node) => {
    if (ts.isFunctionLike(node)) return undefined;
    return isAwait(node) ? node : ts.forEachChild(node, find);
  };
  const found = find(source);
  if (found === undefined) return undefined;
  return source.getLineAndCharacterOfPosition(found.getStart(source)).line + 1;
}
