import type { CloseFrame } from '../connections/connection.evictor.js';
import { invalidArgument } from '../heartbeat.errors.js';
import { show } from '../heartbeat.text.js';

/** Refuses a label that is no string. */
export function checkLabel(label: unknown): void {
  if (label !== undefined && typeof label !== 'string') {
    throw invalidArgument(`admit() takes a string as its label, or none, not ${show(label)}.`);
  }
}

/** Refuses a close frame that cannot be sent. Returns a copy, whose properties were read once. */
export function checkCloseFrame(options: CloseFrame): CloseFrame {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument(`disconnect() takes { code, reason }, or nothing, not ${show(options)}.`);
  }
  const { code = 1000, reason = '' } = options;
  if (!isSendable(code)) {
    throw invalidArgument(
      `disconnect(): \`code\` is ${show(code)}, which no close frame can carry. Set 1000 to 1003, 1007 to 1014, ` +
        'or a code of your own from 4000 to 4999.',
    );
  }
  if (typeof reason !== 'string') {
    throw invalidArgument(`disconnect(): \`reason\` is ${show(reason)}. Set a string, or none.`);
  }
  return { code, reason };
}

/** RFC 6455, section 7.4, and the IANA registry: the others are reserved, or never sent. */
function isSendable(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (
    (code >= 1000 && code <= 1003) ||
    (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code <= 4999)
  );
}
