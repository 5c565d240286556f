// Fails when a name that an entry point exports, a type included, is used nowhere in test/types/.
// The compiler checks the tests; this script finds names without a test.
import ts from 'typescript';
import { ENTRY_POINTS } from './entry-points.mjs';

const CONFIG = 'test/types/tsconfig.json';

const { config } = ts.readConfigFile(CONFIG, (path) => ts.sys.readFile(path));
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, 'test/types');
const program = ts.createProgram([...fileNames, ...ENTRY_POINTS], options);
const checker = program.getTypeChecker();

/** The symbol behind re-exports and import aliases. */
const origin = (symbol) =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

function usedSymbols() {
  const used = new Set();
  const visit = (node) => {
    // An import alone is no use.
    if (ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol) used.add(origin(symbol));
    }
    ts.forEachChild(node, visit);
  };
  for (const fileName of fileNames) visit(program.getSourceFile(fileName));
  return used;
}

function exportsOf(entry) {
  const symbol = checker.getSymbolAtLocation(program.getSourceFile(entry));
  if (!symbol) throw new Error(`${entry} exports nothing`);
  return checker.getExportsOfModule(symbol);
}

const used = usedSymbols();
const exported = ENTRY_POINTS.flatMap(exportsOf);
const missing = exported
  .filter((symbol) => !used.has(origin(symbol)))
  .map(({ name }) => name)
  .toSorted();

if (missing.length > 0) {
  console.error(`Exported by ${ENTRY_POINTS.join(', ')}, but without a type test in test/types/:`);
  for (const name of missing) console.error(`  ${name}`);
  process.exit(1);
}
console.log(`All ${exported.length} exported names have a type test.`);
