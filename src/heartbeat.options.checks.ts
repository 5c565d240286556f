import { LONGEST_TIMER } from './heartbeat.constants.js';
import { showKey } from './heartbeat.text.js';
import {
  BacklogLimit,
  HeartbeatLimitValues,
  NegotiationPolicy,
  type HeartbeatModuleOptions,
  type HeartbeatOptions,
} from './heartbeat.options.js';

/** A check of one option returns how to fix a value that it refuses. */
export type Check = (value: unknown) => string | undefined;

export const time: Check = (value) =>
  typeof value === 'number' && value > 0 && value <= LONGEST_TIMER
    ? undefined
    : `Set a number of milliseconds above 0 and at most ${LONGEST_TIMER}.`;

const clock: Check = (value) =>
  value === false || time(value) === undefined
    ? undefined
    : `Set a number of milliseconds above 0 and at most ${LONGEST_TIMER}, or \`false\` to turn it off.`;

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

const clientHeartbeats: Check = (value) =>
  typeof value === 'function' ||
  (isPlainObject(value) && Object.values(value).every((text) => typeof text === 'string'))
    ? undefined
    : "Set an object of texts and the reply to each, such as { ping: 'pong' }, or a function of the message.";

const negotiation: Check = (value) => {
  const fields = Object.keys(new NegotiationPolicy());
  return value === false || hasOnly(value, fields, (part) => time(part) === undefined)
    ? undefined
    : `Set { ${fields.join(', ')} }, each a number of milliseconds above 0 and at most ${LONGEST_TIMER}, or \`false\` for none.`;
};

const rate: Check = (value) => {
  const fields = ['rate', 'burst'];
  return value === false ||
    (isPlainObject(value) &&
      hasOnly(value, fields, isAmount) &&
      fields.every((field) => isAmount(value[field])))
    ? undefined
    : `{ ${fields.join(', ')} }, each a finite number above 0, or to \`false\` for no limit.`;
};

const backlog: Check = (value) => {
  const fields = Object.keys(new BacklogLimit());
  return value === false || hasOnly(value, fields, isAmount)
    ? undefined
    : `{ ${fields.join(', ')} }, one or both, each a finite number above 0, or to \`false\` for no limit.`;
};

const LIMIT_CHECKS: Record<keyof HeartbeatLimitValues, Check> = {
  pings: rate,
  pongs: rate,
  messages: rate,
  backlog,
};

const limits: Check = (value) => {
  if (value === false) return undefined;
  if (!isPlainObject(value)) return 'Set an object of limits, or `false` for none.';
  for (const [key, limit] of Object.entries(value)) {
    const refuse = Object.hasOwn(LIMIT_CHECKS, key)
      ? LIMIT_CHECKS[key as keyof HeartbeatLimitValues]
      : undefined;
    if (refuse === undefined)
      return `There is no limit \`${showKey(key)}\`; known are ${Object.keys(LIMIT_CHECKS).join(', ')}.`;
    const fix = limit === undefined ? undefined : refuse(limit);
    if (fix !== undefined) return `Set \`${key}\` to ${fix}`;
  }
  return undefined;
};

export const drain: Check = (value) => {
  if (value === false) return undefined;
  if (!isPlainObject(value)) return 'Set { within } or `false`.';
  return hasOnly(value, ['within'], (part) => part === 0 || time(part) === undefined)
    ? undefined
    : `Set { within }, a number of milliseconds from 0 to ${LONGEST_TIMER}, or \`false\`.`;
};

/** The longest history, in connections. */
const LONGEST_HISTORY = 1_000_000;

const history: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LONGEST_HISTORY
    ? undefined
    : `Set a whole number from 0 to ${LONGEST_HISTORY}; 0 remembers none.`;

/** The options of `@Heartbeat()` and `watch()`. */
export const GATEWAY_CHECKS: Record<keyof HeartbeatOptions, Check> = {
  interval: time,
  timeout: time,
  liveness: oneOf('transport', 'application'),
  idleTimeout: clock,
  maxLifetime: clock,
  admissionTimeout: clock,
  closeTimeout: time,
  event: eventName,
  clientHeartbeats,
  negotiation,
  limits,
  dryRun: flag,
};

/** The options of `forRoot()`. */
export const MODULE_CHECKS: Record<keyof HeartbeatModuleOptions, Check> = {
  ...GATEWAY_CHECKS,
  gateways: oneOf('all', 'decorated'),
  drain,
  history,
};

/** The options of `update()`, which a connection can change while it is open. */
export const UPDATE_CHECKS: Record<string, Check> = {
  interval: time,
  timeout: time,
  idleTimeout: clock,
  maxLifetime: clock,
  liveness: GATEWAY_CHECKS.liveness,
};

/**
 * Whether a value is an object of properties: not an array, nor a Map, Date or Promise, whose contents are not
 * properties and would be ignored.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && Object.prototype.toString.call(value) === '[object Object]';
}

/** Whether a value is an object with no other than these fields, each left out or as the test demands. */
function hasOnly(
  value: unknown,
  fields: readonly string[],
  fits: (part: unknown) => boolean,
): boolean {
  return (
    isPlainObject(value) &&
    Object.entries(value).every(
      ([field, part]) => fields.includes(field) && (part === undefined || fits(part)),
    )
  );
}

function isAmount(value: unknown): boolean {
  return Number.isFinite(value) && Number(value) > 0;
}
