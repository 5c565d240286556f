import { duration, plural, sum } from '../wording.js';
import { APPLICATION, SERVER, type FindingRule } from './finding.js';
import { lastPeriod } from './period.js';

/** A stall of this length in a minute is serious, ms. */
const LONG_STALL = 1_000;

const stalls: FindingRule = ({ minutes }) => {
  const period = lastPeriod(minutes, (minute) => minute.stalls > 0);
  if (period === undefined) return undefined;
  const times = sum(period.minutes.map((minute) => minute.stalls));
  const stalledFor = sum(period.minutes.map((minute) => minute.stalledFor));
  const isLong = period.minutes.some((minute) => minute.stalledFor >= LONG_STALL);
  return {
    rule: 'stalls',
    severity: isLong ? 'serious' : 'warning',
    title: `The event loop stalled ${times === 1 ? 'once' : `${times} times`}, for ${duration(stalledFor)}${times === 1 ? '' : ' in all'}`,
    detail:
      'The process served no client during that time. No client is evicted for it: stalls do not count as silence.',
    where: SERVER,
    period,
  };
};

const draining: FindingRule = ({ at, minutes, snapshot }) => {
  if (!snapshot.draining) return undefined;
  const period = lastPeriod(minutes, (minute) => minute.evicted.drain > 0);
  const left = sum(snapshot.servers.map((server) => server.alive + server.suspect));
  return {
    rule: 'draining',
    severity: 'warning',
    title: `The server is draining: ${plural(left, 'client')} left`,
    detail: 'Clients are asked one by one to connect elsewhere, as in a deploy.',
    where: APPLICATION,
    period: { from: period?.from ?? at, to: at, isNow: true },
  };
};

const dryRun: FindingRule = ({ at, instance, snapshot }) => {
  const reported = sum(Object.values(snapshot.totals.dryRun));
  if (reported === 0) return undefined;
  return {
    rule: 'dry-run',
    severity: 'note',
    title: `Dry run: ${plural(reported, 'eviction')} reported, and no connection closed`,
    detail:
      'A server with the option dryRun reports what it would close. The charts do not contain these.',
    where: APPLICATION,
    period: { from: instance.startedAt, to: at, isNow: true },
  };
};

export const serverRules: readonly FindingRule[] = [stalls, draining, dryRun];
