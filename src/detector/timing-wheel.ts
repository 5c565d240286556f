/**
 * Slots of the wheel: at the default tick of 100 ms, nearly seven minutes. A power of two, so that the remainder is a bit
 * mask.
 */
const SLOTS = 4_096;

/** An entry of a timing wheel. It is a node of the linked list of its slot, so that waiting allocates nothing. */
export class WheelEntry {
  previous: WheelEntry = this;
  next: WheelEntry = this;
  /** The slot in which the entry was placed last. */
  slot = 0;

  get isWaiting(): boolean {
    return this.next !== this;
  }

  unlink(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this;
    this.next = this;
  }

  linkBefore(entry: WheelEntry): void {
    this.previous = entry.previous;
    this.next = entry;
    entry.previous.next = this;
    entry.previous = this;
  }
}

/**
 * A hashed timing wheel (Varghese and Lauck, 1987): entries wait in the slot in which they are due. The cost of
 * placing, removing and expiring does not depend on the number of entries.
 *
 * The wheel has one round only. An entry that is due later expires early, at the horizon, and has to be placed again.
 */
export class TimingWheel<Entry extends WheelEntry> {
  /** How many slots ahead an entry can be placed. */
  static readonly HORIZON = SLOTS - 1;

  private reached = 0;
  private readonly slots = Array.from({ length: SLOTS }, () => new WheelEntry());
  private readonly due = new WheelEntry();

  /** The slot up to which everything has expired. */
  get current(): number {
    return this.reached;
  }

  /** Continues at a slot. The wheel has to be empty. */
  startAt(slot: number): void {
    this.reached = slot;
  }

  /** Places an entry, or moves it, to expire at `slot`: at the earliest the next one, at the latest the horizon. */
  place(entry: Entry, slot: number): void {
    const ahead = Math.min(Math.max(slot - this.current, 1), TimingWheel.HORIZON);
    entry.unlink();
    entry.slot = this.current + ahead;
    entry.linkBefore(this.head(entry.slot));
  }

  /** Moves an entry to the next slot, unless it has expired and is about to be taken. */
  placeNext(entry: Entry): void {
    if (entry.slot > this.current + 1) this.place(entry, this.current + 1);
  }

  /** Moves an entry to a later slot, unless it has expired and is about to be taken. */
  postpone(entry: Entry, slot: number): void {
    if (entry.slot > this.current && slot > entry.slot) this.place(entry, slot);
  }

  /** Removes an entry, which may wait or not. */
  remove(entry: Entry): void {
    entry.unlink();
  }

  /** Removes all entries, expired or not, and returns them. */
  clear(): Entry[] {
    this.advance(this.current + SLOTS);
    const entries: Entry[] = [];
    for (let entry = this.take(); entry; entry = this.take()) entries.push(entry);
    return entries;
  }

  /** Expires all slots up to and including `slot`. Costs the same however many entries wait in them. */
  advance(slot: number): void {
    const last = Math.min(slot, this.current + SLOTS);
    while (this.reached < last) this.expire(this.head(++this.reached));
    this.reached = Math.max(this.reached, slot);
  }

  /** Removes the next expired entry, in the order of the slots, and returns it. */
  take(): Entry | undefined {
    const entry = this.due.next;
    if (entry === this.due) return undefined;
    entry.unlink();
    return entry as Entry;
  }

  private head(slot: number): WheelEntry {
    return this.slots[slot & (SLOTS - 1)] as WheelEntry;
  }

  private expire(head: WheelEntry): void {
    const { next: first, previous: last } = head;
    if (first === head) return;
    head.next = head;
    head.previous = head;
    first.previous = this.due.previous;
    this.due.previous.next = first;
    last.next = this.due;
    this.due.previous = last;
  }
}
