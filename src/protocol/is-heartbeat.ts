import { HeartbeatCodec } from './heartbeat.codec.js';

/**
 * Whether what a `'message'` listener got is a heartbeat message of the default event: listeners on watched
 * servers see those, too, and should leave them alone. Binary messages are none, but look the same to a
 * listener that ignores its second argument.
 *
 * @param data the text of a message, or its bytes
 * @publicApi
 */
export function isHeartbeat(data: unknown): boolean {
  const codec = new HeartbeatCodec('heartbeat');
  if (typeof data === 'string') return codec.recognises(new TextEncoder().encode(data));
  if (data instanceof ArrayBuffer) return codec.recognises(new Uint8Array(data));
  return data instanceof Uint8Array && codec.recognises(data);
}
