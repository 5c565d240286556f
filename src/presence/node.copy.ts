import type { PresenceMessage } from './presence.store.js';

/** A message about the data of a node. */
export type NewsMessage = Exclude<PresenceMessage, { type: 'order' | 'acknowledged' }>;

/** Changes of a node, as its message reports them. */
export type ChangedMessage = Extract<PresenceMessage, { type: 'changed' }>;

/** How far a view knows the data of one other node. */
export class NodeCopy {
  private known = 0;
  private noticed = 0;
  private isIncomplete = false;
  private isOutdated = false;
  private buffer: ChangedMessage[] | undefined;

  /** @param lastMessageAt the current time */
  constructor(private lastMessageAt: number) {}

  /** The version that the view has. */
  get version(): number {
    return this.known;
  }

  /** When the last message of the node came, monotonic ms. */
  get messageAt(): number {
    return this.lastMessageAt;
  }

  onMessage(now: number): void {
    this.lastMessageAt = now;
  }

  get isReading(): boolean {
    return this.buffer !== undefined;
  }

  /** Whether the node has replaced its data since the last read began. */
  get isRewritten(): boolean {
    return this.isOutdated;
  }

  /** While a read is in progress, changes wait for it. */
  beginRead(): void {
    this.buffer = [];
    this.isOutdated = false;
  }

  /** The node has replaced its data. */
  onRewritten(): void {
    this.isOutdated = true;
  }

  defer(message: ChangedMessage): void {
    this.buffer?.push(message);
  }

  /** The read failed: it is due again. */
  failRead(): void {
    this.buffer = undefined;
    this.isIncomplete = true;
  }

  /**
   * A read ended whose pages had these versions. Returns the changes that came after its first page. If one of them is
   * missing, the read is due again.
   */
  endRead(first: number, last: number): readonly ChangedMessage[] {
    const changes = (this.buffer ?? [])
      .filter(({ version }) => version > first)
      .toSorted((one, other) => one.version - other.version);
    this.buffer = undefined;
    const isGapless = changes.every(({ version }, index) => version === first + 1 + index);
    this.known = first + changes.length;
    this.isIncomplete = !isGapless || this.known < last;
    if (!isGapless) this.known = Math.max(last, changes.at(-1)?.version ?? first);
    return changes;
  }

  /** Changes were applied. */
  advance(version: number): void {
    this.known = version;
  }

  /**
   * A renewal returned this version. Returns whether a read is due: the last one is incomplete, or a version that the
   * renewal before had returned has not arrived.
   */
  notice(version: number): boolean {
    const isBehind = this.isIncomplete || this.known < this.noticed;
    this.noticed = version;
    return isBehind;
  }
}
