import type { EvictionCause } from '../../heartbeat.interfaces.js';
import { hashOf } from '../route.js';
import { plural, sum } from '../wording.js';
import {
  APPLICATION,
  CLIENTS,
  NETWORK_OR_CLIENTS,
  type Finding,
  type FindingRule,
} from './finding.js';
import { lastPeriod } from './period.js';

/** From this share of the open connections on, evictions of one minute are serious. */
const SERIOUS_SHARE = 0.05;
/** And from this number on. */
const SERIOUS_COUNT = 10;

interface Fault {
  readonly what: string;
  readonly where: string;
  readonly detail: string;
}

/** The causes that are faults. `idle`, `expired`, `drain` and `requested` are what the application asked for. */
const FAULTS: Partial<Record<EvictionCause, Fault>> = {
  unresponsive: {
    what: 'stopped answering',
    where: NETWORK_OR_CLIENTS,
    detail:
      'Nothing came from them for the timeout. Many at once point to the network or a proxy; single ones to devices that sleep or lose their network.',
  },
  flooding: {
    what: 'sent more than the limits allow',
    where: CLIENTS,
    detail: 'They exceeded a rate of pings, pongs or heartbeat messages.',
  },
  'slow-consumer': {
    what: 'took data too slowly',
    where: NETWORK_OR_CLIENTS,
    detail: 'More bytes waited for them than the backlog limit allows.',
  },
  unadmitted: {
    what: 'not admitted in time',
    where: `${APPLICATION} or the clients`,
    detail:
      'The application did not call admit() for them: they did not log in, or logging in takes too long.',
  },
};

function ruleOf(cause: EvictionCause, { what, where, detail }: Fault): FindingRule {
  return ({ minutes }): Finding | undefined => {
    const period = lastPeriod(minutes, (minute) => minute.evicted[cause] > 0);
    if (period === undefined) return undefined;
    const isSerious = period.minutes.some(
      ({ evicted, open }) =>
        evicted[cause] >= SERIOUS_COUNT &&
        evicted[cause] >= SERIOUS_SHARE * (open + evicted[cause]),
    );
    return {
      rule: cause,
      severity: isSerious ? 'serious' : 'warning',
      title: `${plural(sum(period.minutes.map((minute) => minute.evicted[cause])), 'client')} ${what}`,
      detail,
      where,
      period,
      link: hashOf('history', { cause }),
    };
  };
}

export const evictionRules: readonly FindingRule[] = Object.entries(FAULTS).map(([cause, fault]) =>
  ruleOf(cause as EvictionCause, fault),
);
