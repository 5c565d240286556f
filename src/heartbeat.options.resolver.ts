import { HeartbeatOptionsError, optionsErrors, showKey } from './heartbeat.errors.js';
import {
  DrainPolicy,
  HeartbeatLimitValues,
  HeartbeatPolicy,
  type DrainOptions,
  type HeartbeatModuleOptions,
  type HeartbeatOptions,
  type ResolvedHeartbeatOptions,
} from './heartbeat.options.js';

/** The longest time that timers and byte-sized clocks can hold: 24.8 days. */
const LONGEST = 2 ** 31 - 1;

/** How deep an option is: `limits` holds limits, and those hold numbers. */
const DEPTH = 2;

/** A check returns what to do about a value that it refuses. */
type Check = (value: unknown) => string | undefined;

const time: Check = (value) =>
  typeof value === 'number' && value > 0 && value <= LONGEST
    ? undefined
    : `Set a number of milliseconds above 0 and at most ${LONGEST}.`;

const clock: Check = (value) =>
  value === false || time(value) === undefined
    ? undefined
    : `Set a number of milliseconds above 0 and at most ${LONGEST}, or \`false\` to turn it off.`;

const oneOf =
  (...allowed: string[]): Check =>
  (value) =>
    allowed.includes(value as string)
      ? undefined
      : `Set ${allowed.map((one) => `'${one}'`).join(' or ')}.`;

const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'Set `true` or `false`.');

const eventName: Check = (value) =>
  value === false || (typeof value === 'string' && value !== '')
    ? undefined
    : 'Set the name of an event, or `false` for no heartbeat messages.';

const texts: Check = (value) =>
  isPlainObject(value) && Object.values(value).every((text) => typeof text === 'string')
    ? undefined
    : "Set an object of texts and their answers, such as { ping: 'pong' }.";

const limits: Check = (value) => {
  if (value === false) return undefined;
  if (!isPlainObject(value)) return 'Set an object of limits, or `false` for none.';
  for (const [key, limit] of Object.entries(value)) {
    const shape = Object.hasOwn(LIMITS, key)
      ? LIMITS[key as keyof HeartbeatLimitValues]
      : undefined;
    if (shape === undefined)
      return `There is no limit \`${showKey(key)}\`; known are ${Object.keys(LIMITS).join(', ')}.`;
    if (limit === undefined) continue;
    const fields = Object.keys(shape);
    const fits =
      isPlainObject(limit) &&
      Object.keys(limit).every((field) => fields.includes(field)) &&
      fields.every((field) => Number.isFinite(limit[field]) && Number(limit[field]) > 0);
    if (!fits) return `Set \`${key}\` to { ${fields.join(', ')} }, each a finite number above 0.`;
  }
  return undefined;
};

const drain: Check = (value) => {
  if (value === false) return undefined;
  if (!isPlainObject(value)) return 'Set { within } or `false`.';
  const { within, ...others } = value;
  const fits =
    within === undefined || (typeof within === 'number' && within >= 0 && within <= LONGEST);
  return fits && Object.keys(others).length === 0
    ? undefined
    : `Set { within }, a number of milliseconds from 0 to ${LONGEST}, or \`false\`.`;
};

const LIMITS = new HeartbeatLimitValues();

const GATEWAY_CHECKS: Record<keyof HeartbeatOptions, Check> = {
  interval: time,
  timeout: time,
  liveness: oneOf('transport', 'application'),
  idleTimeout: clock,
  maxLifetime: clock,
  admissionTimeout: clock,
  event: eventName,
  textReplies: texts,
  limits,
  observeOnly: flag,
};

const MODULE_CHECKS: Record<string, Check> = {
  ...GATEWAY_CHECKS,
  gateways: oneOf('all', 'decorated'),
  drain,
};

/** The options of `update()`, which a connection can change while it lives. */
const UPDATE_CHECKS: Record<string, Check> = {
  interval: time,
  timeout: time,
  idleTimeout: clock,
  maxLifetime: clock,
  liveness: GATEWAY_CHECKS.liveness,
};

/** The options of `watch()`. */
const WATCH_CHECKS: Record<string, Check> = {
  ...GATEWAY_CHECKS,
  name: (value) =>
    typeof value === 'string' && value !== '' ? undefined : 'Set a name, or leave it out.',
};

/** The module's options, checked and completed. */
export function resolveModuleOptions(
  options: HeartbeatModuleOptions = {},
  where: string,
): ResolvedHeartbeatOptions {
  const given = check(options, MODULE_CHECKS, where);
  const { gateways = 'all', drain: drainOptions = {}, ...policy } = given;
  return deepFreeze({
    ...merge(new HeartbeatPolicy(), policy, where),
    gateways,
    drain: drainOptions && resolveDrain(drainOptions),
  });
}

/** What holds for a gateway that says nothing itself. */
export function modulePolicy(options: ResolvedHeartbeatOptions): HeartbeatPolicy {
  const { gateways: _gateways, drain: _drain, ...policy } = options;
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

/** What `update()` asks for, checked, over what holds. */
export function resolveUpdate(
  base: HeartbeatPolicy,
  options: HeartbeatOptions,
  where: string,
): HeartbeatPolicy {
  return merge(base, check(options, UPDATE_CHECKS, where), where);
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

/** Refuses what is no time, for arguments that are one. */
export function checkTime(where: string, key: string, value: unknown): void {
  const fix = time(value);
  if (fix !== undefined)
    throw new HeartbeatOptionsError(optionsErrors.invalid(where, key, value, fix));
}

/** Whether two policies say the same. */
export function isSamePolicy(first: HeartbeatPolicy, second: HeartbeatPolicy): boolean {
  return fingerprint(first) === fingerprint(second);
}

function fingerprint(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isPlainObject(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
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

/** Every option, read once: what is checked is what holds, even where a getter says otherwise next time. */
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

/** Reads what may be a getter or a Proxy. Whatever it throws becomes the cause of our error. */
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
  const given = defined(options);
  const policy: HeartbeatPolicy = { ...base, ...given };
  if (given.limits)
    policy.limits = { ...LIMITS, ...(base.limits || undefined), ...defined(given.limits) };
  if (policy.interval >= policy.timeout) {
    throw new HeartbeatOptionsError(
      optionsErrors.intervalNotBelowTimeout(where, policy.interval, policy.timeout),
    );
  }
  return deepFreeze(structuredClone(policy));
}

/** What holds is shown to the application, which must not change it there. */
function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (isPlainObject(part)) deepFreeze(part);
  return Object.freeze(value);
}

/** Without what is there, but undefined. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}

/** No list, and no Map, Date or Promise, whose contents are no properties and would be overlooked. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && Object.prototype.toString.call(value) === '[object Object]';
}
