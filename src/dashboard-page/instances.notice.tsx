import type { JSX } from 'preact';

/** Says that more than one instance answers. The last one to answer is at the end. */
export function InstancesNotice({
  instances,
}: {
  instances: readonly string[];
}): JSX.Element | null {
  const last = instances.at(-1);
  if (last === undefined || instances.length < 2) return null;
  return (
    <div class="notice" data-notice="instances" role="status">
      <p>
        <strong>{instances.length} instances answer at this address.</strong> Shown is {last} alone;
        before, it was {instances.slice(0, -1).join(', ')}. The figures of two instances are never
        added up. For one instance, open its own address, or let the load balancer keep this page at
        one of them.
      </p>
    </div>
  );
}
