/**
 * Whether repeated tests use few repetitions (`THIN=1`). For mutation tests, which run them thousands of times.
 */
export const THIN = process.env['THIN'] !== undefined;
