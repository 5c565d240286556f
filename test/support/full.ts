/** Whether tests that repeat themselves do so as often as they can (`FULL=1`): for `npm run test:nightly`. */
export const FULL = process.env['FULL'] !== undefined;
