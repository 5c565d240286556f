import { logger } from '../heartbeat.logger.js';
import type { PresenceClock } from './presence.clock.js';

/** The shortest time between two warnings of one kind. Milliseconds. */
const WARNING_INTERVAL = 10_000;

/** Logs warnings of one kind: the first at once, then at most one in ten seconds. The others are counted. */
export class RareWarning {
  private nextAt = -Infinity;
  private suppressed = 0;

  constructor(private readonly clock: PresenceClock) {}

  /** Logs the message that `compose` makes, or counts it. */
  log(compose: () => string): void {
    const now = this.clock.now();
    if (now < this.nextAt) {
      this.suppressed++;
      return;
    }
    const more =
      this.suppressed === 0 ? '' : ` (and ${this.suppressed} more since the last warning)`;
    this.nextAt = now + WARNING_INTERVAL;
    this.suppressed = 0;
    logger.warn(`${compose()}${more}`);
  }
}
