import { HeartbeatOptionsError } from '../heartbeat.errors.js';
import { isPlainObject } from '../heartbeat.options.checks.js';
import { optionsErrors } from '../heartbeat.options.messages.js';

/** The one option of a module, an object that is recognised by a method, and how to set it. */
interface OptionRule {
  readonly key: string;
  readonly method: string;
  readonly fix: string;
}

/** @throws HeartbeatOptionsError for what is no object, for another option, and for an object without the method */
export function checkOption(
  where: string,
  options: unknown,
  { key, method, fix }: OptionRule,
): void {
  if (!isPlainObject(options)) {
    throw new HeartbeatOptionsError(
      `${where} takes an object of options. Pass { ${key} } or nothing.`,
    );
  }
  for (const given of Object.keys(options)) {
    if (given !== key)
      throw new HeartbeatOptionsError(optionsErrors.unknownKey(where, given, [key]));
  }
  const value = options[key] as Record<string, unknown> | null | undefined;
  if (value !== undefined && typeof value?.[method] !== 'function')
    throw new HeartbeatOptionsError(optionsErrors.invalid(where, key, value, fix));
}
