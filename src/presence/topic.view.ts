import type { ChangeEmitter } from './change.emitter.js';
import { KeyHolders } from './key.holders.js';
import { NodeCopy, type ChangedMessage, type NewsMessage } from './node.copy.js';
import type { PresenceClock } from './presence.clock.js';
import type { PresenceNodeState } from './presence.store.js';
import type { StoreCommands } from './store.commands.js';
import { readNode, readTopic, type NodeEntries } from './topic.reader.js';

/** What this node knows of the present keys of one topic. Its emitters learn of every key that comes and goes. */
export class TopicView {
  private readonly holders = new KeyHolders();
  private readonly copies = new Map<string, NodeCopy>();
  private readonly emitters = new Set<ChangeEmitter>();
  private loading: Promise<void> | undefined;
  private loaded = false;
  private isHeld = false;
  /** Messages that came while the topic is read for the first time. */
  private early: NewsMessage[] | undefined;
  /** Own changes that were stored meanwhile. */
  private earlyOwn: (() => void)[] = [];
  /** Whether the own keys are among those that are read or were stored since. */
  private knowsOwn = false;

  /**
   * @param self the id of this node
   * @param ownKeys the keys of this node that are stored
   * @param repairTime how long a store that lost data takes to be whole, in ms
   */
  constructor(
    private readonly topic: string,
    private readonly self: string,
    private readonly ownKeys: () => Iterable<string>,
    private readonly repairTime: number,
    private readonly commands: StoreCommands,
    private readonly clock: PresenceClock,
  ) {}

  /** Whether changes are reported. */
  get isLoaded(): boolean {
    return this.loaded;
  }

  get isUnused(): boolean {
    return this.emitters.size === 0;
  }

  add(emitter: ChangeEmitter): void {
    emitter.hold(this.isHeld);
    this.emitters.add(emitter);
  }

  remove(emitter: ChangeEmitter): void {
    this.emitters.delete(emitter);
  }

  /** Reads the present keys, without reporting them. From then on every change is reported. */
  load(): Promise<void> {
    if (this.isLoaded) return Promise.resolve();
    this.loading ??= this.readAll().finally(() => (this.loading = undefined));
    return this.loading;
  }

  onMessage(message: NewsMessage): void {
    if (message.node === this.self) return;
    if (this.early !== undefined) {
      this.early.push(message);
      return;
    }
    if (message.type === 'gone') return this.drop(message.node, 0);
    if (message.type === 'changed') return this.onChanged(message);
    const copy = this.copyOf(message.node);
    if (message.version <= copy.version) return;
    copy.onRewritten();
    this.read(message.node);
  }

  /** Entries of this node were stored and removed. */
  onOwn(put: readonly string[], remove: readonly string[]): void {
    this.onceRead(() => this.apply(this.self, put, remove));
  }

  /** All entries of this node were stored. */
  onOwnRewritten(): void {
    this.onceRead(() => this.replace(this.self, new Set(this.ownKeys()), 0));
  }

  /**
   * A renewal that was sent at `sentAt` returned the state of all nodes. `isSteady`: whether a missing lease means a dead
   * node.
   */
  onNodes(nodes: readonly PresenceNodeState[], isSteady: boolean, sentAt: number): void {
    if (!this.knowsOwn) {
      this.knowsOwn = true;
      this.onOwnRewritten();
    }
    const states = new Map(nodes.map((state) => [state.id, state]));
    for (const { id, leaseLeft, version } of nodes) {
      if (id === this.self || leaseLeft <= 0 || version === undefined) continue;
      const copy = this.copies.get(id);
      if (copy === undefined || copy.notice(version)) this.read(id);
    }
    if (!isSteady) return;
    for (const [node, copy] of this.copies) {
      const leaseLeft = states.get(node)?.leaseLeft ?? 0;
      if (leaseLeft <= 0 && copy.messageAt < sentAt) this.drop(node, -leaseLeft);
    }
  }

  /** While held, no key is reported as left. */
  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
    for (const emitter of this.emitters) emitter.hold(isHeld);
  }

  private async readAll(): Promise<void> {
    this.early = [];
    try {
      // Own keys, too: the store can have lost them, and then list() lacks them.
      const nodes = await readTopic(this.commands, this.topic);
      const own = nodes.find(({ node }) => node === this.self);
      this.knowsOwn = own !== undefined;
      this.replace(this.self, own?.keys ?? new Set(), 0);
      for (const entries of nodes) {
        if (entries === own) continue;
        const copy = this.copyOf(entries.node);
        copy.beginRead();
        for (const message of this.early) {
          if (message.type === 'changed' && message.node === entries.node) copy.defer(message);
        }
        this.finishRead(entries.node, copy, entries);
      }
      this.loaded = true;
    } finally {
      const { early, earlyOwn } = this;
      this.early = undefined;
      this.earlyOwn = [];
      for (const change of earlyOwn) change();
      for (const message of early) this.onMessage(message);
    }
  }

  /** Applies a change of this node, behind what is read. */
  private onceRead(change: () => void): void {
    if (this.early === undefined) change();
    else this.earlyOwn.push(change);
  }

  private onChanged(message: ChangedMessage): void {
    const { node, version, put, remove } = message;
    const copy = this.copyOf(node);
    copy.onMessage(this.clock.now());
    if (copy.isReading) return copy.defer(message);
    if (version <= copy.version) return;
    if (version !== copy.version + 1) return this.read(node);
    this.apply(node, this.ofTopic(put), this.ofTopic(remove));
    copy.advance(version);
  }

  private copyOf(node: string): NodeCopy {
    let copy = this.copies.get(node);
    if (copy === undefined) this.copies.set(node, (copy = new NodeCopy(this.clock.now())));
    return copy;
  }

  private read(node: string): void {
    void this.readOne(node, this.copyOf(node));
  }

  private async readOne(node: string, copy: NodeCopy): Promise<void> {
    if (copy.isReading) return;
    copy.beginRead();
    let entries: NodeEntries | undefined;
    try {
      entries = await readNode(this.commands, this.topic, node);
    } catch {
      copy.failRead();
      return;
    }
    if (this.copies.get(node) !== copy) return;
    // The store has lost the data of the node, which writes it anew, or is dropped with its lease.
    if (entries === undefined) return copy.failRead();
    this.finishRead(node, copy, entries);
    if (copy.isRewritten) this.read(node);
  }

  /** Takes over what was read, unless the store has lost data of the node: then the node writes it anew. */
  private finishRead(node: string, copy: NodeCopy, { keys, first, last }: NodeEntries): void {
    if (this.copies.get(node) !== copy) return;
    if (first < copy.version) return copy.failRead();
    // The store may have lost what is missing, before a renewal of any node has shown it.
    this.replace(node, keys, this.repairTime);
    for (const { put, remove } of copy.endRead(first, last)) {
      this.apply(node, this.ofTopic(put), this.ofTopic(remove));
    }
  }

  private drop(node: string, ago: number): void {
    this.copies.delete(node);
    for (const key of this.holders.keysOf(node)) this.removeKey(key, node, ago);
    this.holders.release(node);
  }

  /** `least`: how long a key that is missing must stay so until it is reported as left, in ms. */
  private replace(node: string, keys: ReadonlySet<string>, least: number): void {
    for (const key of this.holders.keysOf(node))
      if (!keys.has(key)) this.removeKey(key, node, 0, least);
    this.apply(node, keys, []);
  }

  private apply(node: string, put: Iterable<string>, remove: Iterable<string>): void {
    for (const key of remove) this.removeKey(key, node, 0);
    for (const key of put) {
      if (!this.holders.add(key, node) || !this.isLoaded) continue;
      for (const emitter of this.emitters) emitter.onPresent(key);
    }
  }

  private removeKey(key: string, node: string, ago: number, least = 0): void {
    if (!this.holders.remove(key, node) || !this.isLoaded) return;
    for (const emitter of this.emitters) emitter.onAbsent(key, ago, least);
  }

  private *ofTopic(pairs: ChangedMessage['put']): IterableIterator<string> {
    for (const [topic, key] of pairs) if (topic === this.topic) yield key;
  }
}
