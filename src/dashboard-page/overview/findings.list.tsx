import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DashboardOverview } from '../../dashboard/dashboard.interfaces.js';
import { duration, minuteOfDay, plural, timeOfDay } from '../wording.js';
import type { Finding } from './finding.js';
import { findingsOf } from './findings.js';

const MINUTE = 60_000;

interface Props {
  readonly overview: DashboardOverview;
  /** Whether the overview is not current. */
  readonly stale: boolean;
}

/** What is wrong, since when, and where the reason is. */
export function FindingsList({ overview, stale }: Props): JSX.Element {
  const findings = findingsOf(overview);
  const now = findings.filter(({ severity, period }) => severity !== 'note' && period.isNow);
  const title = now.length === 0 ? 'Nothing is wrong' : plural(now.length, 'problem');
  useEffect(() => {
    document.title = `${now.length === 0 ? '' : `(${now.length}) `}Heartbeat · ${overview.instance.id}`;
  }, [now.length, overview.instance.id]);
  return (
    <section class="findings" aria-labelledby="findings-title">
      <h2 id="findings-title" data-severity={now.length === 0 ? 'none' : now[0]?.severity}>
        {title} {stale ? `at ${timeOfDay(overview.at)}` : 'now'}
      </h2>
      {findings.length === 0 && (
        <p class="soft">
          In the last hour no client stopped answering, no limit was exceeded, and the event loop
          did not stall.
        </p>
      )}
      <ul>
        {findings.map((finding) => (
          <FindingItem key={finding.rule} finding={finding} at={overview.at} />
        ))}
      </ul>
    </section>
  );
}

function FindingItem({ finding, at }: { finding: Finding; at: number }): JSX.Element {
  const { rule, severity, title, detail, where, period, link } = finding;
  return (
    <li data-finding={rule} data-severity={period.isNow ? severity : 'over'}>
      <p class="when">{timeOf(finding, at)}</p>
      <div>
        <p class="what">
          <strong>{title}</strong>
          {link !== undefined && (
            <a href={link} aria-label={`Show: ${title}`}>
              Show
            </a>
          )}
        </p>
        {period.isNow && <p class="soft">{detail}</p>}
      </div>
      <p class="where">
        <span class="soft">Reason in</span> {where}
      </p>
    </li>
  );
}

function timeOf({ period: { from, to, isNow } }: Finding, at: number): JSX.Element {
  const since = <strong>{minuteOfDay(from)}</strong>;
  // The begin of the minute is known, no more.
  const ago =
    at - from < 2 * MINUTE
      ? 'just now'
      : `${duration(Math.floor((at - from) / MINUTE) * MINUTE)} ago`;
  if (isNow)
    return (
      <>
        since {since} <span class="soft">{ago}</span>
      </>
    );
  return (
    <>
      {from === to ? 'at' : 'from'} {since}
      {from !== to && ` to ${minuteOfDay(to)}`} <span class="soft">over</span>
    </>
  );
}
