/**
 * Whether tests that repeat themselves do so less often (`THIN=1`): for the mutation tests, which run them
 * thousands of times.
 */
export const THIN = process.env['THIN'] !== undefined;
