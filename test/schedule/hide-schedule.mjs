// Loaded with `--import`: in this process `@nestjs/schedule` cannot be resolved, as if it were not installed.
import { register } from 'node:module';

const hooks = `
  export function resolve(specifier, context, next) {
    if (!specifier.startsWith('@nestjs/schedule')) return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '@nestjs/schedule'"), { code: 'ERR_MODULE_NOT_FOUND' });
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
