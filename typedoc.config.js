import { OptionDefaults } from 'typedoc';
import { ENTRY_POINTS } from './scripts/entry-points.mjs';

// The docs of everything that the entry points export; a symbol or a member without one is an error.
/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'nestjs-heartbeat',
  entryPoints: ENTRY_POINTS,
  tsconfig: 'tsconfig.build.json',
  out: 'docs/api',
  readme: 'none',
  // Shorthands of types, which the docs resolve, and what is used of each Redis driver.
  intentionallyNotExported: ['Settable', 'IoredisClient', 'NodeRedisClient', 'NodeRedisSentinel'],
  // What a class inherits from Nest or Node is documented there.
  excludeExternals: true,
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  modifierTags: [...OptionDefaults.modifierTags, '@publicApi'],
  treatWarningsAsErrors: true,
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    notDocumented: true,
    unusedMergeModuleWith: true,
  },
};
