/** The methods of a session of a store. */
export const SESSION_METHODS = [
  'renew',
  'write',
  'find',
  'read',
  'count',
  'order',
  'acknowledge',
  'watch',
  'close',
] as const;
export type SessionMethod = (typeof SESSION_METHODS)[number];
