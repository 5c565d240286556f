import { HeartbeatOptionsError } from './heartbeat.errors.js';
import { optionsErrors } from './heartbeat.options.messages.js';
import type { HeartbeatModuleOptions, HeartbeatPolicy } from './heartbeat.options.js';

/*
 * The shortest times that the module can keep. The tick is at most interval / 4, (timeout - interval) / 4 and timeout / 20,
 * and never below 10 ms.
 */

const LEAST_INTERVAL = 40;
/** The least difference of `timeout` and `interval`: the time that a client has to answer a ping. */
const LEAST_MARGIN = 40;
const LEAST_TIMEOUT = 200;

/** A time below this may have been meant in seconds. Milliseconds. */
const ONE_SECOND = 1_000;

/** Refuses a policy whose times cannot be kept at the shortest tick. */
export function checkTimes(
  { interval, timeout, negotiation }: HeartbeatPolicy,
  where: string,
): void {
  if (interval >= timeout) {
    throw new HeartbeatOptionsError(
      optionsErrors.intervalNotBelowTimeout(where, interval, timeout),
    );
  }
  checkPair(where, ['interval', interval], ['timeout', timeout]);
  if (!negotiation) return;
  const { minInterval, minTimeout } = negotiation;
  checkPair(
    where,
    ['negotiation.minInterval', minInterval],
    ['negotiation.minTimeout', minTimeout],
  );
}

/** Whether the shortest tick can keep these two times. */
export function canKeep({
  interval,
  timeout,
}: Pick<HeartbeatPolicy, 'interval' | 'timeout'>): boolean {
  return (
    interval >= LEAST_INTERVAL && timeout >= LEAST_TIMEOUT && timeout - interval >= LEAST_MARGIN
  );
}

function checkPair(
  where: string,
  [intervalKey, interval]: readonly [string, number],
  [timeoutKey, timeout]: readonly [string, number],
): void {
  if (interval < LEAST_INTERVAL) {
    throw new HeartbeatOptionsError(
      optionsErrors.timeTooShort(where, intervalKey, interval, LEAST_INTERVAL),
    );
  }
  if (timeout < LEAST_TIMEOUT) {
    throw new HeartbeatOptionsError(
      optionsErrors.timeTooShort(where, timeoutKey, timeout, LEAST_TIMEOUT),
    );
  }
  if (timeout - interval < LEAST_MARGIN) {
    throw new HeartbeatOptionsError(
      optionsErrors.marginTooShort(where, timeoutKey, timeout, intervalKey, interval, LEAST_MARGIN),
    );
  }
}

/** A warning of times below a second, which may have been meant in seconds; `undefined` if there are none. */
export function shortTimesWarning(
  where: string,
  options: HeartbeatModuleOptions,
): string | undefined {
  const { interval, timeout, idleTimeout, maxLifetime, admissionTimeout, closeTimeout } = options;
  const negotiation = options.negotiation || {};
  const times = {
    interval,
    timeout,
    idleTimeout,
    maxLifetime,
    admissionTimeout,
    closeTimeout,
    'negotiation.minInterval': negotiation.minInterval,
    'negotiation.minTimeout': negotiation.minTimeout,
    'drain.within': (options.drain || {}).within,
  };
  const short = Object.entries(times)
    .filter(([, time]) => typeof time === 'number' && time > 0 && time < ONE_SECOND)
    .map(([key, time]) => `\`${key}\` is ${time} ms`);
  if (short.length === 0) return undefined;
  return `${where}: ${short.join(', ')}. Times are milliseconds: if seconds were meant, multiply by 1 000.`;
}
