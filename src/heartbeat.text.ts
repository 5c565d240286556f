/** UTF-16 code units of a text in an error or a log line. */
const LONGEST_TEXT = 200;

/** A value for an error or a log line: short, on one line, without control characters. */
export function show(value: unknown): string {
  if (typeof value === 'string') return escapeText(value);
  try {
    return shorten(escapeHidden(write(value)));
  } catch {
    return typeof value === 'function' ? 'a function' : 'an object';
  }
}

/** The name of a property for an error, without quotes. */
export function showKey(key: string): string {
  return shorten(escapeHidden(JSON.stringify(key).slice(1, -1)));
}

/** Text from outside, quoted, with control and invisible characters escaped. */
export function escapeText(text: string): string {
  return shorten(escapeHidden(JSON.stringify(text)));
}

/** What was thrown, with its stack where it has one: the second argument of `Logger.error()`. */
export function stackOf(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : String(error);
}

/** The start of a text that fits into `limit` bytes of UTF-8, cut between characters. */
export function cutToBytes(text: string, limit: number): string {
  const bytes = Buffer.alloc(limit);
  // `write()` writes no part of a character.
  return bytes.toString('utf8', 0, bytes.write(text));
}

/** The start of a text of at most `limit` UTF-16 code units, cut between characters. */
export function cutToLength(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHighSurrogate ? limit - 1 : limit);
}

function write(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return kind === 'Object' || kind === 'Array'
    ? (JSON.stringify(value) ?? 'an object')
    : `a ${kind}`;
}

function escapeHidden(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeCharacter);
}

/** A character as JSON escapes it: `\u` and four hexadecimal digits for each of its UTF-16 code units. */
function escapeCharacter(character: string): string {
  const units = character.split('').map((unit) => unit.charCodeAt(0));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

function shorten(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
