import type { PresenceNodePage } from './presence.store.js';
import type { StoreCommands } from './store.commands.js';

/** Keys of one command. */
const PAGE = 1_000;

/** The keys of a node in a topic, and the versions of its data at the first and the last page. */
export interface NodeEntries {
  readonly node: string;
  readonly keys: ReadonlySet<string>;
  readonly first: number;
  readonly last: number;
}

/** Reads the keys of all nodes. */
export async function readTopic(commands: StoreCommands, topic: string): Promise<NodeEntries[]> {
  const pages = await commands.run((session) => session.read(topic, { limit: PAGE }));
  const nodes: NodeEntries[] = [];
  for (const page of pages) {
    const entries = await readRest(commands, topic, page);
    if (entries !== undefined) nodes.push(entries);
  }
  return nodes;
}

/** Reads the keys of one node. `undefined` if the store has none of its data. */
export async function readNode(
  commands: StoreCommands,
  topic: string,
  node: string,
): Promise<NodeEntries | undefined> {
  const [page] = await commands.run((session) => session.read(topic, { limit: PAGE, node }));
  return page && readRest(commands, topic, page);
}

async function readRest(
  commands: StoreCommands,
  topic: string,
  firstPage: PresenceNodePage,
): Promise<NodeEntries | undefined> {
  const { node, version: first } = firstPage;
  const keys = new Set<string>();
  let page: PresenceNodePage | undefined = firstPage;
  for (;;) {
    for (const [key] of page.items) keys.add(key);
    const after: string | undefined = page.items.at(-1)?.[0];
    if (page.items.length < PAGE || after === undefined) break;
    page = await nextPage(commands, topic, node, after);
    if (page === undefined) return undefined;
  }
  return { node, keys, first, last: page.version };
}

async function nextPage(
  commands: StoreCommands,
  topic: string,
  node: string,
  after: string,
): Promise<PresenceNodePage | undefined> {
  const [page] = await commands.run((session) => session.read(topic, { limit: PAGE, node, after }));
  return page;
}
