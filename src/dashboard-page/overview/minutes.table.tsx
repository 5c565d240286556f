import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DashboardMinute } from '../../dashboard/dashboard.interfaces.js';
import {
  causeNames,
  CAUSES,
  CLOSED_BY,
  closedByNames,
  count,
  duration,
  minuteOfDay,
} from '../wording.js';

/** The figures of the charts as a table, the newest minute first; on demand. */
export function MinutesTable({ minutes }: { minutes: readonly DashboardMinute[] }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="minutes" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Figures per minute">
          <table>
            <thead>
              <tr>
                <th scope="col">Minute</th>
                <th scope="col">Open</th>
                <th scope="col">Suspect</th>
                <th scope="col">Opened</th>
                {closedByNames.map((by) => (
                  <th key={by} scope="col">
                    Closed by {CLOSED_BY[by]}
                  </th>
                ))}
                <th scope="col">Evicted</th>
                <th scope="col">Stalled</th>
                <th scope="col">p50</th>
                <th scope="col">p95</th>
              </tr>
            </thead>
            <tbody>{minutes.toReversed().map(rowOf)}</tbody>
          </table>
        </div>
      )}
    </details>
  );
}

function rowOf(minute: DashboardMinute): JSX.Element {
  const { at, open, suspect, opened, closedBy, stalledFor, rtt } = minute;
  return (
    <tr key={at}>
      <th scope="row">{minuteOfDay(at)}</th>
      <td>{count(open)}</td>
      <td>{count(suspect)}</td>
      <td>{count(opened)}</td>
      {closedByNames.map((by) => (
        <td key={by}>{count(closedBy[by])}</td>
      ))}
      <td class="text">{evictionsOf(minute)}</td>
      <td>{duration(stalledFor)}</td>
      <td>{rtt === null ? '–' : duration(rtt.p50)}</td>
      <td>{rtt === null ? '–' : duration(rtt.p95)}</td>
    </tr>
  );
}

function evictionsOf({ evicted }: DashboardMinute): string {
  const found = causeNames.filter((cause) => evicted[cause] > 0);
  return found.map((cause) => `${count(evicted[cause])} ${CAUSES[cause]}`).join(', ') || '0';
}
