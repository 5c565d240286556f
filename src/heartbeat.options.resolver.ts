import { isDeepStrictEqual } from 'node:util';
import { HeartbeatOptionsError } from './heartbeat.errors.js';
import {
  drain,
  GATEWAY_CHECKS,
  isPlainObject,
  MODULE_CHECKS,
  time,
  UPDATE_CHECKS,
  type Check,
} from './heartbeat.options.checks.js';
import { optionsErrors } from './heartbeat.options.messages.js';
import {
  BacklogLimit,
  DrainPolicy,
  HeartbeatLimitValues,
  HeartbeatPolicy,
  NegotiationPolicy,
  type DrainOptions,
  type HeartbeatLimits,
  type HeartbeatModuleOptions,
  type HeartbeatOptions,
  type ResolvedHeartbeatOptions,
} from './heartbeat.options.js';
import { canKeep, checkTimes } from './heartbeat.options.times.js';

/** How deep an option is: `limits` holds limits, and those hold numbers. */
const DEPTH = 2;

/** The options of `watch()`. */
const WATCH_CHECKS: Record<string, Check> = {
  ...GATEWAY_CHECKS,
  name: (value) =>
    typeof value === 'string' && value !== '' ? undefined : 'Set a name, or leave it out.',
};

/** How many closed connections are remembered by default. */
const HISTORY = 1_000;

/** The module's options, checked and completed. */
export function resolveModuleOptions(
  options: HeartbeatModuleOptions = {},
  where: string,
): ResolvedHeartbeatOptions {
  const given = check(options, MODULE_CHECKS, where);
  const { gateways = 'all', drain: drainOptions = {}, history = HISTORY, ...policy } = given;
  return deepFreeze({
    ...merge(new HeartbeatPolicy(), policy, where),
    gateways,
    drain: drainOptions && resolveDrain(drainOptions),
    history,
  });
}

/** The policy of a gateway without options of its own. */
export function modulePolicy(options: ResolvedHeartbeatOptions): HeartbeatPolicy {
  const { gateways: _gateways, drain: _drain, history: _history, ...policy } = options;
  return deepFreeze(policy);
}

/** The options of one gateway, checked, over those of the module. */
export function resolvePolicy(
  base: HeartbeatPolicy,
  options: HeartbeatOptions,
  where: string,
): HeartbeatPolicy {
  return merge(base, check(options, GATEWAY_CHECKS, where), where);
}

/** The options of `watch()`, checked, over those of the module, and the name of the server. */
export function resolveWatch(
  base: HeartbeatPolicy,
  options: HeartbeatOptions & { name?: string },
): { name: string; policy: HeartbeatPolicy } {
  const { name = 'watched', ...given } = check(options, WATCH_CHECKS, 'watch()');
  return { name, policy: merge(base, given, 'watch()') };
}

/** The options of one client: as the application set them, and as they apply after negotiation with the client. */
export interface ClientOptions {
  readonly configured: HeartbeatPolicy;
  readonly options: HeartbeatPolicy;
}

/**
 * The options of `update()`, checked, over those of the client. Times that the client negotiated are dropped where they
 * do not go with the new ones: a client must not make an update fail.
 */
export function resolveUpdate(before: ClientOptions, options: HeartbeatOptions): ClientOptions {
  const given = check(options, UPDATE_CHECKS, 'update()');
  const configured = merge(before.configured, given, 'update()');
  const isKept = canKeep({ ...before.options, ...defined(given) });
  return {
    configured,
    options: isKept ? merge(before.options, given, 'update()') : configured,
  };
}

/** The window of `drain()`, checked, over that of the module. */
export function resolveDrain(
  options: DrainOptions,
  base: DrainPolicy = new DrainPolicy(),
): DrainPolicy {
  const given = readOnce(options, 'drain()', 'options');
  const fix = drain(given);
  if (fix !== undefined || !given) {
    throw new HeartbeatOptionsError(
      optionsErrors.invalid('drain()', 'options', given, fix ?? 'Set { within }.'),
    );
  }
  return { ...base, ...defined(given) };
}

/** Refuses an argument that is no valid time. */
export function checkTime(where: string, key: string, value: unknown): void {
  const fix = time(value);
  if (fix !== undefined)
    throw new HeartbeatOptionsError(optionsErrors.invalid(where, key, value, fix));
}

/** Whether two policies are equal. Functions are equal if they are the same function. */
export function isSamePolicy(
  first: HeartbeatPolicy | false,
  second: HeartbeatPolicy | false,
): boolean {
  return isDeepStrictEqual(first, second);
}

function check<Options extends object>(
  options: Options,
  checks: Record<string, Check>,
  where: string,
): Options {
  const given = readAll(options, where);
  for (const [key, value] of Object.entries(given)) {
    const refuse = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (refuse === undefined) throw new HeartbeatOptionsError(unknownKey(where, key, checks));
    const fix = value === undefined ? undefined : refuse(value);
    if (fix !== undefined)
      throw new HeartbeatOptionsError(optionsErrors.invalid(where, key, value, fix));
  }
  return given;
}

/** Reads every option once, so that the checked value is the one that is used, even if a getter returns another later. */
function readAll<Options extends object>(options: Options, where: string): Options {
  const keys = attempt(where, undefined, () =>
    isPlainObject(options) ? Object.keys(options) : undefined,
  );
  if (keys === undefined)
    throw new HeartbeatOptionsError(optionsErrors.notAnObject(where, options));
  const read = (key: string) => attempt(where, key, () => options[key as keyof Options]);
  return Object.fromEntries(keys.map((key) => [key, readOnce(read(key), where, key)])) as Options;
}

/** A copy of an option, as deep as options are. */
function readOnce<Value>(value: Value, where: string, key: string): Value {
  return attempt(where, key, () => copy(value, DEPTH)) as Value;
}

function copy(value: unknown, depth: number): unknown {
  if (depth === 0 || !isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, copy(part, depth - 1)]),
  );
}

/** Reads what may be a getter or a Proxy. An error that it throws becomes the `cause` of a `HeartbeatOptionsError`. */
function attempt<Result>(where: string, key: string | undefined, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new HeartbeatOptionsError(optionsErrors.unreadable(where, key), { cause });
  }
}

function unknownKey(where: string, key: string, checks: Record<string, Check>): string {
  if (Object.hasOwn(MODULE_CHECKS, key) && !Object.hasOwn(GATEWAY_CHECKS, key)) {
    return optionsErrors.moduleOnly(where, key);
  }
  return optionsErrors.unknownKey(where, key, Object.keys(checks));
}

function merge(base: HeartbeatPolicy, options: HeartbeatOptions, where: string): HeartbeatPolicy {
  const { limits, negotiation, ...given } = defined(options);
  const policy: HeartbeatPolicy = {
    ...base,
    ...given,
    limits: mergeLimits(base.limits, limits),
    negotiation: mergeParts(base.negotiation, negotiation, new NegotiationPolicy()),
  };
  checkTimes(policy, where);
  checkBacklog(policy, where);
  return deepFreeze(copy(policy, DEPTH + 1) as HeartbeatPolicy);
}

/** Limits that are left out are inherited one by one; those of a base without limits are `false`. */
function mergeLimits(
  base: HeartbeatLimitValues | false,
  given: HeartbeatLimits | false | undefined,
): HeartbeatLimitValues | false {
  if (given === undefined || given === false) return given ?? base;
  const { backlog, ...rates } = defined(given);
  const inherited = base || { pings: false, pongs: false, messages: false, backlog: false };
  return {
    ...inherited,
    ...rates,
    backlog: mergeParts(inherited.backlog, backlog, new BacklogLimit()),
  };
}

/** Parts that are left out are inherited, or the defaults where the base is `false`. */
function mergeParts<Parts extends object>(
  base: Parts | false,
  given: Partial<Parts> | false | undefined,
  defaults: Parts,
): Parts | false {
  if (given === undefined || given === false) return given ?? base;
  return { ...(base || defaults), ...defined(given) };
}

function checkBacklog({ limits }: HeartbeatPolicy, where: string): void {
  if (!limits || !limits.backlog) return;
  const { stalled, max } = limits.backlog;
  if (max < stalled)
    throw new HeartbeatOptionsError(optionsErrors.maxBelowStalled(where, stalled, max));
}

/** The application receives the policy in snapshots, and must not change it. */
function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (isPlainObject(part)) deepFreeze(part);
  return Object.freeze(value);
}

/** The options without those that are `undefined`. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}
