import type { JSX } from 'preact';

interface Props {
  readonly id: string;
  readonly label?: string;
  readonly remoteAddress?: string;
  readonly gateways: readonly string[];
}

/** Which client a row is about: what the application calls it, its connection ID, its address and gateways. */
export function Identity({ id, label, remoteAddress, gateways }: Props): JSX.Element {
  return (
    <>
      {label !== undefined && <strong class="label">{label}</strong>} <code>{id}</code>
      <span class="soft">
        {gateways.join(', ')}
        {remoteAddress !== undefined && ` · ${remoteAddress}`}
      </span>
    </>
  );
}
