import type { JSX } from 'preact';
import type { ClosingAgeCounts } from '../../dashboard/dashboard.interfaces.js';
import { count, duration, sum } from '../wording.js';

/** At which ages the connections of the last hour ended. */
export function AgesHistogram({ ages: { upTo, counts } }: { ages: ClosingAgeCounts }): JSX.Element {
  const most = Math.max(1, ...counts);
  const all = sum(counts);
  return (
    <section class="panel ages" aria-labelledby="ages-title">
      <h2 id="ages-title">
        Age at the end <span class="soft">{count(all)} closed in the last hour</span>
      </h2>
      {all === 0 ? (
        <p class="soft">No connection ended in the last hour.</p>
      ) : (
        <ol>
          {counts.map((value, index) => (
            <li key={index} class={value === 0 ? 'zero' : undefined}>
              <span class="range">{rangeOf(upTo, index)}</span>
              <span class="track">
                <span class="bar" style={{ width: `${(100 * value) / most}%` }} />
              </span>
              <span class="number">{count(value)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function rangeOf(upTo: readonly number[], index: number): string {
  const from = upTo[index - 1];
  const to = upTo[index];
  if (to === undefined) return `over ${duration(from ?? 0)}`;
  return from === undefined ? `up to ${duration(to)}` : `${shorten(from, to)} – ${duration(to)}`;
}

/** `5 – 15 s`, but `55 s – 1 min 5 s`. */
function shorten(from: number, to: number): string {
  const [text, last] = [duration(from), duration(to)];
  const [value = '', unit, ...rest] = text.split(' ');
  return rest.length === 0 && unit === last.split(' ')[1] && last.split(' ').length === 2
    ? value
    : text;
}
