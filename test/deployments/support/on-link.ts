import { requires } from '../../support/requirements.js';
import type { DeadCell } from './dead.cells.js';
import type { StreamBench, StreamClients } from './stream.bench.js';
import { LINK, type Transfer } from './transfer.js';

/** `describe` for cells on links of network namespaces. */
export const onLinks = () => requires('root', 'iptables', 'ip', 'tc', 'network namespaces');

/**
 * Which cells may share a process of clients on a network: a site has one link, which is cut for all of its clients,
 * and a process that is stopped stops all of them.
 */
export function siteOf({ id, transport, pace, fault }: DeadCell): string {
  if (fault === 'is stopped' || fault === 'is cut off' || (pace === LINK && transport !== 'unix'))
    return id;
  return transport === 'unix' ? 'no site' : 'one site';
}

/** The same, for cells whose clients stay healthy. */
export function healthySiteOf({ id, transport, pace }: Transfer): string {
  if (transport === 'unix') return 'no site';
  return pace === LINK ? id : 'one site';
}

/** Starts the clients of a group: at a Unix socket, on a slow link, or on a fast one with a meter. */
export function placeOnNetwork(
  bench: StreamBench,
  group: readonly Transfer[],
): Promise<StreamClients> {
  const [first] = group;
  if (first === undefined || first.transport === 'unix') return bench.clients(group);
  return bench.clients(group, first.pace === LINK ? { link: LINK.rate } : { site: true });
}
