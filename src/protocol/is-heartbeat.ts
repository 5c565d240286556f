import { MAX_BYTES } from './frames.js';
import { isRecognised, prefixesOf } from './heartbeat.codec.js';

const DEFAULT_EVENT = 'heartbeat';
const DEFAULT_PREFIXES = prefixesOf(DEFAULT_EVENT);

/**
 * Whether a message is a heartbeat message. For `'message'` listeners and `messageParser`s, which see heartbeat messages,
 * too, and should leave them alone. Binary messages are never heartbeat messages, but look the same to a listener that
 * ignores its second argument.
 *
 * @param data the text of a message, or its bytes
 * @param event the reserved event, as the option `event` sets it. Default `'heartbeat'`
 * @publicApi
 */
export function isHeartbeat(data: unknown, event: string = DEFAULT_EVENT): boolean {
  const bytes = bytesOf(data);
  if (bytes === undefined) return false;
  return isRecognised(bytes, event === DEFAULT_EVENT ? DEFAULT_PREFIXES : prefixesOf(event));
}

function bytesOf(data: unknown): Uint8Array | undefined {
  // A text has at least as many bytes as UTF-16 units.
  if (typeof data === 'string')
    return data.length > MAX_BYTES ? undefined : new TextEncoder().encode(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return data instanceof Uint8Array ? data : undefined;
}
