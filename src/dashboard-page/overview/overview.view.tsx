import type { JSX } from 'preact';
import type { DashboardOverview } from '../../dashboard/dashboard.interfaces.js';
import { AgesHistogram } from './ages.histogram.js';
import { FindingsList } from './findings.list.js';
import { ServersList } from './servers.list.js';
import { Timeline } from './timeline.js';
import { Totals } from './totals.js';

/** What changed and when. */
export function OverviewView({ overview }: { overview: DashboardOverview }): JSX.Element {
  return (
    <section class="overview" data-view="overview" aria-label="Overview">
      <FindingsList overview={overview} />
      <Totals overview={overview} />
      <div class="columns">
        <Timeline minutes={overview.minutes} />
        <div class="aside">
          <ServersList servers={overview.snapshot.servers} />
          <AgesHistogram ages={overview.ages} />
        </div>
      </div>
    </section>
  );
}
