import type { JSX } from 'preact';
import type { PresenceNode } from '../../heartbeat.presence.interfaces.js';
import { count, duration } from '../wording.js';

/** The running instances that share the store of presence. */
export function InstancesList({ instances }: { instances: readonly PresenceNode[] }): JSX.Element {
  return (
    <section class="panel instances" aria-labelledby="instances-title">
      <h2 id="instances-title">Instances</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Instance</th>
            <th scope="col">Keys</th>
            <th scope="col">Lease left</th>
          </tr>
        </thead>
        <tbody>
          {instances.map((instance) => (
            <InstanceRow key={instance.id} instance={instance} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function InstanceRow({ instance }: { instance: PresenceNode }): JSX.Element {
  const { id, self, draining, keys, leaseLeft } = instance;
  return (
    <tr data-instance={id}>
      <th scope="row">
        {id}
        {self && <span class="soft"> this one</span>}
        {draining && <strong> drains</strong>}
      </th>
      <td>{count(keys)}</td>
      <td>{duration(leaseLeft)}</td>
    </tr>
  );
}
