import type { JSX } from 'preact';
import type { ServerSnapshot } from '../../heartbeat.snapshot.interfaces.js';
import { hashOf } from '../route.js';
import { count, plural, STATES } from '../wording.js';
import { policyEntries } from './policy.js';

/** The open connections of each server by state, and its policy. */
export function ServersList({ servers }: { servers: readonly ServerSnapshot[] }): JSX.Element {
  return (
    <section class="panel servers" aria-labelledby="servers-title">
      <h2 id="servers-title">Servers</h2>
      {servers.length === 0 && <p class="soft">No server is monitored.</p>}
      {servers.map((server) => (
        <ServerItem key={server.name} server={server} />
      ))}
    </section>
  );
}

const states = Object.keys(STATES) as (keyof typeof STATES)[];

function ServerItem({ server }: { server: ServerSnapshot }): JSX.Element {
  const open = server.alive + server.suspect + server.evicted;
  return (
    <article data-server={server.name}>
      <h3>
        <a href={hashOf('clients', { gateway: server.gateways[0] ?? server.name })}>
          {server.name}
        </a>{' '}
        <span class="soft">{plural(open, 'client')}</span>
      </h3>
      <div class="states" aria-hidden="true">
        {states.map((state) => (
          <span key={state} data-client-state={state} style={{ flexGrow: server[state] }} />
        ))}
      </div>
      <ul class="legend">
        {states.map((state) => (
          <li
            key={state}
            data-client-state={state}
            class={server[state] === 0 ? 'zero' : undefined}
          >
            {STATES[state]} <b>{count(server[state])}</b>
          </li>
        ))}
      </ul>
      <details>
        <summary>Policy{server.policy.dryRun && <strong class="dry-run"> dry run</strong>}</summary>
        <dl class="policy">
          {policyEntries(server.policy).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </article>
  );
}
