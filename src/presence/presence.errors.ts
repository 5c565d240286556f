/**
 * The store did not answer by the deadline, answered with an error (the `cause`), or 1 000 commands are unanswered.
 *
 * @publicApi
 */
export class PresenceUnavailableError extends Error {
  /** Identifies the error where `instanceof` fails: between the ESM and the CommonJS copy of this package. */
  readonly code = 'PRESENCE_UNAVAILABLE';
  /** The name of the class. */
  override readonly name = 'PresenceUnavailableError';
}

/**
 * A method of `PresenceService` was called with an argument of a wrong type, which only a mistake in the application
 * can cause. The message names the argument and the fix.
 *
 * @publicApi
 */
export class PresenceInputError extends TypeError {
  /** Identifies the error where `instanceof` fails: between the ESM and the CommonJS copy of this package. */
  readonly code = 'PRESENCE_INPUT';
  /** The name of the class. */
  override readonly name = 'PresenceInputError';
}

/**
 * The options of `PresenceModule` are invalid. Thrown at boot. The message names the option and the fix.
 *
 * @publicApi
 */
export class PresenceOptionsError extends Error {
  /** Identifies the error where `instanceof` fails: between the ESM and the CommonJS copy of this package. */
  readonly code = 'PRESENCE_OPTIONS';
  /** The name of the class. */
  override readonly name = 'PresenceOptionsError';
}
