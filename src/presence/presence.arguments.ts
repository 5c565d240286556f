import { HeartbeatCloseCode } from '../heartbeat.constants.js';
import { isPlainObject } from '../heartbeat.options.checks.js';
import { show, showKey } from '../heartbeat.text.js';
import { checkCloseFrame } from '../liveness/arguments.js';
import { PresenceInputError } from './presence.errors.js';
import type {
  PresenceDisconnectOptions,
  PresenceListPage,
  PresenceTrackOptions,
} from './presence.interfaces.js';

/** The topic where none is given. */
export const DEFAULT_TOPIC = 'online';

const LONGEST_KEY = 1_024;
const LONGEST_TOPIC = 256;
const LONGEST_META = 4_096;
const LONGEST_PAGE = 1_000;
/** RFC 6455, section 5.5: a control frame carries 125 bytes, of which the code takes two. */
const LONGEST_REASON = 123;

/** How a client is closed. */
export interface CheckedCloseFrame {
  readonly code: number;
  readonly reason: string;
}

/** The checked arguments of `track()`. */
export interface CheckedTrack {
  readonly topic: string;
  readonly meta?: string;
  readonly exclusive?: CheckedCloseFrame;
  /** Why a value that a client can cause is refused. */
  readonly refused?: string;
}

/** Meta as JSON, or why it is refused. */
interface MetaText {
  readonly text?: string;
  readonly refused?: string;
}

/** @throws PresenceInputError for options that only a mistake in the application can cause */
export function checkTrack(key: unknown, options: PresenceTrackOptions): CheckedTrack {
  const {
    topic = DEFAULT_TOPIC,
    meta,
    exclusive = false,
  } = read('track()', options, ['topic', 'meta', 'exclusive']) as PresenceTrackOptions;
  checkTopic('track()', topic);
  const frame = exclusive === false ? undefined : exclusiveFrame(exclusive);
  const json: MetaText = meta === undefined ? {} : toJson(meta);
  const refused = refusalOfKey(key) ?? refusalOfTopic(topic) ?? json.refused;
  return {
    topic,
    ...(json.text !== undefined && { meta: json.text }),
    ...(frame !== undefined && { exclusive: frame }),
    ...(refused !== undefined && { refused }),
  };
}

/** @throws PresenceInputError for options that only a mistake in the application can cause */
export function checkDisconnect(
  options: PresenceDisconnectOptions,
): CheckedCloseFrame & { readonly topic: string } {
  const where = 'disconnect()';
  const { topic = DEFAULT_TOPIC, ...frame } = read(where, options, ['topic', 'code', 'reason']);
  checkTopic(where, topic);
  return { topic, ...checkFrame(where, frame) };
}

/** @throws PresenceInputError for another page. Returns the limit and the key that the page comes behind. */
export function checkPage(page: PresenceListPage): { limit: number; after?: string } {
  const { limit = 100, cursor } = read('list()', page, ['limit', 'cursor']) as PresenceListPage;
  if (!Number.isInteger(limit) || limit < 1 || limit > LONGEST_PAGE) {
    throw new PresenceInputError(
      `list(): \`limit\` is ${show(limit)}. Set a whole number from 1 to ${LONGEST_PAGE}.`,
    );
  }
  return cursor === undefined ? { limit } : { limit, after: keyOfCursor(cursor) };
}

/** The cursor of a page that ends with a key. */
export function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** @throws PresenceInputError for a topic that is no string */
export function checkTopic(where: string, topic: unknown): asserts topic is string {
  if (typeof topic === 'string') return;
  throw new PresenceInputError(`${where}: \`topic\` is ${show(topic)}. Set a string.`);
}

/** Whether a key can be tracked. */
export function isKey(key: unknown): key is string {
  return refusalOfKey(key) === undefined;
}

/** Whether a key can be tracked under a topic. */
export function isTopic(topic: string): boolean {
  return refusalOfTopic(topic) === undefined;
}

function refusalOfKey(key: unknown): string | undefined {
  if (typeof key !== 'string') return `a key that is ${show(key)}, not a string`;
  return refusalOfText('key', key, LONGEST_KEY);
}

function refusalOfTopic(topic: string): string | undefined {
  if (topic.includes('\0')) return 'a topic with NUL';
  return refusalOfText('topic', topic, LONGEST_TOPIC);
}

function refusalOfText(name: string, text: string, longest: number): string | undefined {
  if (text === '') return `an empty ${name}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > longest) return `a ${name} of ${bytes} bytes, at most ${longest}`;
  return /\p{Surrogate}/u.test(text) ? `a ${name} with a lone surrogate` : undefined;
}

function toJson(meta: unknown): MetaText {
  let text: string | undefined;
  try {
    text = JSON.stringify(meta);
  } catch (cause) {
    // A message of a client can be nested deeper than the stack allows.
    if (cause instanceof RangeError) return { refused: 'meta that is nested too deep' };
    throw new PresenceInputError('track(): JSON cannot express `meta`; see the `cause`.', {
      cause,
    });
  }
  if (text === undefined) {
    throw new PresenceInputError(`track(): JSON cannot express \`meta\`, ${show(meta)}.`);
  }
  const bytes = Buffer.byteLength(text);
  return bytes > LONGEST_META
    ? { refused: `meta of ${bytes} bytes of JSON, at most ${LONGEST_META}` }
    : { text };
}

function exclusiveFrame(exclusive: unknown): CheckedCloseFrame {
  const where = 'track(): `exclusive`';
  if (exclusive !== true && !isPlainObject(exclusive)) {
    throw new PresenceInputError(
      `${where} is ${show(exclusive)}. Set a boolean, or { code, reason }.`,
    );
  }
  const frame = exclusive === true ? {} : read(where, exclusive, ['code', 'reason']);
  return checkFrame(where, { code: HeartbeatCloseCode.Replaced, reason: 'replaced', ...frame });
}

function checkFrame(where: string, frame: object): CheckedCloseFrame {
  let checked: { code?: number | undefined; reason?: string | undefined };
  try {
    checked = checkCloseFrame(frame);
  } catch (error) {
    const { message } = error as Error;
    throw new PresenceInputError(message.replace('disconnect()', where));
  }
  const { code = 1000, reason = '' } = checked;
  const bytes = Buffer.byteLength(reason);
  if (bytes <= LONGEST_REASON) return { code, reason };
  throw new PresenceInputError(
    `${where}: \`reason\` has ${bytes} bytes. A close frame carries at most ${LONGEST_REASON}.`,
  );
}

/** A copy of the options without those that are `undefined`. */
function read(where: string, options: unknown, known: readonly string[]): Record<string, unknown> {
  if (!isPlainObject(options)) {
    throw new PresenceInputError(
      `${where} takes an object of options, or nothing, not ${show(options)}.`,
    );
  }
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [key] of entries) {
    if (known.includes(key)) continue;
    throw new PresenceInputError(
      `${where}: unknown option \`${showKey(key)}\`. Known options: ${known.join(', ')}.`,
    );
  }
  return Object.fromEntries(entries);
}

function keyOfCursor(cursor: unknown): string {
  const key = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : '';
  if (isKey(key) && cursorOf(key) === cursor) return key;
  throw new PresenceInputError(
    `list(): \`cursor\` is ${show(cursor)}. Pass the \`cursor\` that the page before returned.`,
  );
}
