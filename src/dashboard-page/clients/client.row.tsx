import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { DashboardClient } from '../../dashboard/dashboard.interfaces.js';
import { Identity } from '../identity.js';
import { bytes, CAUSES, duration, STATES } from '../wording.js';
import type { ActionResult } from './client.actions.js';
import { silenceShare } from './clients.sort.js';

interface Props {
  readonly client: DashboardClient;
  /** Whether clients can be probed and disconnected. */
  readonly hasActions: boolean;
  readonly result?: ActionResult;
  readonly onProbe: (id: string) => void;
  readonly onDisconnect: (client: DashboardClient) => void;
}

/** One client. */
export function ClientRow(props: Props): JSX.Element {
  const { client } = props;
  const { id, state, silence, timeout, rtt, bufferedBytes, age } = client;
  const { label, remoteAddress, gateways } = client;
  const { hasActions, result } = props;
  // The same elements in each poll: 1,000 rows take half the time.
  const identity = useMemo(
    () => <Identity {...client} />,
    [id, label, remoteAddress, gateways.join()],
  );
  const actions = useMemo(
    () => (hasActions ? <Actions {...props} /> : undefined),
    [id, label, hasActions, result],
  );
  return (
    <tr data-id={id} data-client-state={state}>
      <th scope="row">{identity}</th>
      <td data-title="State">
        <span class="state">{stateOf(client)}</span>
      </td>
      <td data-title="Silence" class="number">
        <span title={`Timeout ${duration(timeout)}`}>
          {duration(silence)} <span class="soft">of {duration(timeout)}</span>
        </span>
        <span class="track" aria-hidden="true">
          <span class="bar" style={{ width: `${Math.round(100 * silenceShare(client))}%` }} />
        </span>
      </td>
      <td data-title="Round trip" class="number">
        {rtt === undefined ? (
          '–'
        ) : (
          <>
            {duration(rtt.last)} <span class="soft">avg {duration(rtt.smoothed)}</span>
          </>
        )}
      </td>
      <td data-title="Backlog" class="number">
        {bytes(bufferedBytes)}
      </td>
      <td data-title="Age" class="number">
        {duration(age)}
      </td>
      {actions !== undefined && <td class="actions">{actions}</td>}
    </tr>
  );
}

function stateOf({ state, paused, admitted, eviction }: DashboardClient): string {
  const name = state === 'closed' ? 'closed' : STATES[state];
  if (eviction !== undefined)
    return `${name}: ${CAUSES[eviction.cause]}${eviction.dryRun ? ' (dry run)' : ''}`;
  if (paused) return `${name}, paused`;
  return admitted ? name : `${name}, not admitted`;
}

function Actions({ client, result, onProbe, onDisconnect }: Props): JSX.Element {
  const name = client.label ?? client.id;
  return (
    <>
      <span class="buttons">
        <button
          type="button"
          data-action="probe"
          aria-label={`Probe ${name}`}
          disabled={result?.isPending ?? false}
          onClick={() => onProbe(client.id)}
        >
          Probe
        </button>
        <button
          type="button"
          data-action="disconnect"
          aria-label={`Disconnect ${name}`}
          onClick={() => onDisconnect(client)}
        >
          Disconnect
        </button>
      </span>
      {result !== undefined && <Result result={result} />}
    </>
  );
}

export function Result({ result: { text, isRefused } }: { result: ActionResult }): JSX.Element {
  return (
    <span class="result" data-result={isRefused ? 'refused' : 'done'}>
      {text}
    </span>
  );
}
