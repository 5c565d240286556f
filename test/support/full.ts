/** Whether repeated tests use their full number of repetitions (`FULL=1`). For `npm run test:nightly`. */
export const FULL = process.env['FULL'] !== undefined;
