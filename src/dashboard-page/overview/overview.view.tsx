import type { JSX } from 'preact';
import type { DashboardOverview } from '../../dashboard/dashboard.interfaces.js';
import { AgesHistogram } from './ages.histogram.js';
import { FindingsList } from './findings.list.js';
import { InstancesList } from './instances.list.js';
import { ServersList } from './servers.list.js';
import { Timeline } from './timeline.js';
import { Totals } from './totals.js';

interface Props {
  readonly overview: DashboardOverview;
  /** Whether the overview is not current. */
  readonly stale: boolean;
}

/** What changed and when. */
export function OverviewView({ overview, stale }: Props): JSX.Element {
  return (
    <section class="overview" data-view="overview" aria-label="Overview">
      <FindingsList overview={overview} stale={stale} />
      <Totals overview={overview} />
      <div class="columns">
        <Timeline minutes={overview.minutes} />
        <div class="aside">
          <ServersList servers={overview.snapshot.servers} />
          {overview.instances !== undefined && <InstancesList instances={overview.instances} />}
          <AgesHistogram ages={overview.ages} />
        </div>
      </div>
    </section>
  );
}
