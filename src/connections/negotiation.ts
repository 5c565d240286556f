import type { HeartbeatPolicy } from '../heartbeat.options.js';
import type { ClientHello } from '../protocol/frames.js';

/** `interval`, and `timeout` less `interval`, are at least this many ticks; see `DetectorPolicy.tick`. */
const INTERVAL_TICKS = 4;
/** `timeout` is at least this many ticks. */
const TIMEOUT_TICKS = 20;

/**
 * The times of a client after its hello. A request can only shorten them, down to the minimum of the option `negotiation`
 * and to what the tick allows. A request whose interval is not below its timeout is ignored.
 */
export function negotiate(
  policy: HeartbeatPolicy,
  requested: ClientHello,
  tick: number,
): Pick<HeartbeatPolicy, 'interval' | 'timeout'> {
  const { interval, timeout, negotiation } = policy;
  if (!negotiation) return policy;
  const minInterval = Math.max(negotiation.minInterval, INTERVAL_TICKS * tick);
  const minTimeout = Math.max(negotiation.minTimeout, TIMEOUT_TICKS * tick);
  const shorterInterval = shorten(interval, requested.interval, minInterval);
  const shorterTimeout = shorten(timeout, requested.timeout, minTimeout);
  if (shorterInterval >= shorterTimeout) return policy;
  const withMargin = Math.max(shorterTimeout, shorterInterval + INTERVAL_TICKS * tick);
  return { interval: shorterInterval, timeout: Math.min(timeout, withMargin) };
}

function shorten(value: number, requested: number | undefined, least: number): number {
  if (requested === undefined || !Number.isFinite(requested) || requested <= 0) return value;
  return Math.min(value, Math.max(requested, least));
}
