import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import { HeartbeatOptionsError } from '../heartbeat.errors.js';
import { isPlainObject } from '../heartbeat.options.checks.js';
import { optionsErrors } from '../heartbeat.options.messages.js';

/**
 * Options of `HeartbeatDashboardModule.forRoot()`. One of `guards` and `public` is required.
 *
 * @publicApi
 */
export interface HeartbeatDashboardOptions {
  /** The path of the page, below the global prefix. Default `'heartbeat'`. */
  path?: string;
  /** Guards of every route, the files of the page included. */
  guards?: (Type<CanActivate> | CanActivate)[];
  /** Modules that export what the guards inject. */
  imports?: ModuleMetadata['imports'];
  /** `true` instead of `guards`: only the global guards of the application protect the routes. */
  public?: true;
  /** Whether the page can probe and disconnect clients. Default `false`: the routes do not exist. */
  actions?: boolean;
  /**
   * How remote addresses are shown: `'masked'` (default) as `203.0.113.x` and `2001:db8:1::x`, `'full'`, or `'hidden'`:
   * no answer has a `remoteAddress`.
   */
  addresses?: 'masked' | 'full' | 'hidden';
}

/** The options, validated and with all defaults. */
export interface ResolvedDashboardOptions {
  readonly path: string;
  readonly guards: readonly (Type<CanActivate> | CanActivate)[];
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  readonly actions: boolean;
  readonly addresses: 'masked' | 'full' | 'hidden';
}

/** Injection token of the resolved options. */
export const DASHBOARD_OPTIONS = Symbol('nestjs-heartbeat:dashboard-options');

const WHERE = 'HeartbeatDashboardModule.forRoot()';
const KNOWN = ['path', 'guards', 'imports', 'public', 'actions', 'addresses'];
/** Segments of the characters that a path has unescaped, without those that routers interpret. */
const PATH = /^\/?(?:[\w.~-]+(?:\/[\w.~-]+)*\/?)?$/;

/** @throws HeartbeatOptionsError for invalid options, and without exactly one of `guards` and `public` */
export function resolveDashboardOptions(
  options: HeartbeatDashboardOptions,
): ResolvedDashboardOptions {
  const given: unknown = options;
  if (!isPlainObject(given)) throw invalidProtection('got no options');
  for (const key of Object.keys(options)) {
    if (!KNOWN.includes(key))
      throw new HeartbeatOptionsError(optionsErrors.unknownKey(WHERE, key, KNOWN));
  }
  const { path = 'heartbeat', guards, imports = [], actions = false } = options;
  const { addresses = 'masked' } = options;
  checkProtection(options);
  check('path', path, typeof path === 'string' && PATH.test(path), PATH_FIX);
  check('imports', imports, Array.isArray(imports), 'Set an array of modules.');
  check('actions', actions, typeof actions === 'boolean', 'Set `true` or `false`.');
  const known = ['masked', 'full', 'hidden'].includes(addresses);
  check('addresses', addresses, known, "Set 'masked', 'full' or 'hidden'.");
  return Object.freeze({ path, guards: guards ?? [], imports, actions, addresses });
}

const PATH_FIX = 'Set segments of letters, digits, `.`, `_`, `~` and `-`, separated by `/`.';

function checkProtection({ guards, public: isPublic }: HeartbeatDashboardOptions): void {
  check('public', isPublic, [undefined, true].includes(isPublic), 'Set `true`, or guards.');
  if (guards === undefined && isPublic === undefined)
    throw invalidProtection('got neither `guards` nor `public`');
  if (guards !== undefined && isPublic !== undefined)
    throw invalidProtection('got both `guards` and `public`');
  if (guards === undefined) return;
  check('guards', guards, Array.isArray(guards), 'Set an array of guards, or `public: true`.');
  if (guards.length === 0) throw invalidProtection('got `guards` without a guard, and no `public`');
  check('guards', guards, guards.every(isGuard), 'Set classes or objects with canActivate().');
}

function isGuard(guard: unknown): boolean {
  if (typeof guard === 'function') return true;
  return typeof (guard as Partial<CanActivate> | null)?.canActivate === 'function';
}

function check(key: string, value: unknown, fits: boolean, fix: string): void {
  if (!fits) throw new HeartbeatOptionsError(optionsErrors.invalid(WHERE, key, value, fix));
}

function invalidProtection(what: string): HeartbeatOptionsError {
  return new HeartbeatOptionsError(
    `${WHERE} ${what}. The dashboard shows your clients: set \`guards: [YourGuard]\`, or \`public: true\` if only the ` +
      'global guards of the application, or none, shall protect it.',
  );
}
