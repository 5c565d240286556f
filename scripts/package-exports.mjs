// The entries of package.json for a sub-path. To add one: create `src/<name>/index.ts`, add `"./<name>": {}` to
// `exports`, and run `npm run check:package`, which prints the complete entries.

/**
 * The conditions of `exports`, in their order, and the build that each gets. `require()` of Node
 * (`module-sync`) and of bundlers (`module`) gets the ES modules too, so that all importers in a process share one
 * copy of every class. `require` is for what cannot load ES modules synchronously, such as Jest in CommonJS mode.
 */
const CONDITIONS = { 'module-sync': 'esm', module: 'esm', import: 'esm', require: 'cjs' };

const fileOf = (subPath, build, extension) =>
  `./dist/${build}/${subPath === '.' ? '' : `${subPath.slice(2)}/`}index${extension}`;

/** The entry of `exports`. */
export function exportsOf(subPath) {
  const entries = Object.entries(CONDITIONS).map(([condition, build]) => [
    condition,
    { types: fileOf(subPath, build, '.d.ts'), default: fileOf(subPath, build, '.js') },
  ]);
  return Object.fromEntries(entries);
}

/** The fields by which resolvers that do not know `exports` find the CommonJS build. */
export function legacyFieldsOf(subPaths) {
  const named = subPaths.filter((subPath) => subPath !== '.');
  return {
    main: fileOf('.', 'cjs', '.js'),
    types: fileOf('.', 'cjs', '.d.ts'),
    typesVersions: {
      '*': Object.fromEntries(
        named.map((subPath) => [subPath.slice(2), [fileOf(subPath, 'cjs', '.d.ts')]]),
      ),
    },
  };
}
