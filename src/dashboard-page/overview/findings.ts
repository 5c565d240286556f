import type { DashboardOverview } from '../../dashboard/dashboard.interfaces.js';
import { evictionRules } from './eviction.findings.js';
import type { Finding, FindingRule } from './finding.js';
import { networkRules } from './network.findings.js';
import { serverRules } from './server.findings.js';

const RULES: readonly FindingRule[] = [...serverRules, ...evictionRules, ...networkRules];
const RANK: Record<Finding['severity'], number> = { serious: 0, warning: 1, note: 2 };

/** What stands out in the last hour: what goes on first, the most serious first, then the newest. */
export function findingsOf(overview: DashboardOverview): Finding[] {
  return RULES.map((rule) => rule(overview))
    .filter((finding) => finding !== undefined)
    .toSorted(
      (a, b) =>
        Number(b.period.isNow) - Number(a.period.isNow) ||
        RANK[a.severity] - RANK[b.severity] ||
        b.period.to - a.period.to,
    );
}
