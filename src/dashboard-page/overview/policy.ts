import { bytes, duration } from '../wording.js';

/** Fields in bytes. All other numbers but rates are ms. */
const BYTES = new Set(['stalled', 'max']);

/** The options of a server as names and texts: `limits.pings`, `10 per second, 60 at once`. */
export function policyEntries(policy: object, prefix = ''): [name: string, value: string][] {
  return Object.entries(policy).flatMap(([key, value]: [string, unknown]) => {
    const name = prefix + key;
    if (typeof value !== 'object' || value === null) return [[name, textOf(key, value)]];
    if ('rate' in value && 'burst' in value)
      return [[name, `${String(value.rate)} per second, ${String(value.burst)} at once`]];
    const entries = policyEntries(value, `${name}.`);
    return entries.length > 0 ? entries : [[name, 'none']];
  });
}

function textOf(key: string, value: unknown): string {
  if (value === false) return key === 'dryRun' ? 'no' : 'off';
  if (value === true) return 'yes';
  if (typeof value !== 'number') return String(value);
  return BYTES.has(key) ? bytes(value) : duration(value);
}
