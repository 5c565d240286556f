import { MAX_BYTES } from './frames.js';
import { isRecognised, prefixesOf } from './heartbeat.codec.js';

const DEFAULT_EVENT = 'heartbeat';
const DEFAULT_PREFIXES = prefixesOf(DEFAULT_EVENT);

/**
 * Whether a message is a heartbeat message: at most 512 bytes, with the prefix of docs/PROTOCOL.md. For your own
 * `'message'` listeners and `messageParser`, which also receive heartbeat messages and should ignore them.
 *
 * Only text messages are heartbeat messages. For a binary message of the same bytes this function returns true as well;
 * a listener can exclude it by its argument `isBinary`.
 *
 * @param data the message as a string, `Uint8Array` or `ArrayBuffer`. Other values are never heartbeat messages
 * @param event the reserved event, as the option `event` sets it. Default: `'heartbeat'`
 * @publicApi
 */
export function isHeartbeat(data: unknown, event: string = DEFAULT_EVENT): boolean {
  const bytes = bytesOf(data);
  if (bytes === undefined) return false;
  return isRecognised(bytes, event === DEFAULT_EVENT ? DEFAULT_PREFIXES : prefixesOf(event));
}

function bytesOf(data: unknown): Uint8Array | undefined {
  // A string has at least as many UTF-8 bytes as UTF-16 code units, so a longer one needs no encoding.
  if (typeof data === 'string')
    return data.length > MAX_BYTES ? undefined : new TextEncoder().encode(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return data instanceof Uint8Array ? data : undefined;
}
