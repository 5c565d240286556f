/** Slots of the wheel. A power of two, so that the remainder is a bit mask. */
const SLOTS = 512;

/** Something that can wait in a wheel. Linked into the slot itself, so that waiting allocates nothing. */
export class WheelEntry {
  previous: WheelEntry = this;
  next: WheelEntry = this;
  /** The slot in which it was placed last. */
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
 * A hashed timing wheel (Varghese and Lauck, 1987): entries wait in the slot of the moment at which
 * they are due. Placing, removing and expiring cost the same however many wait.
 *
 * The wheel has one round only. Whoever is due later than that is handed out earlier, at the horizon,
 * and places itself again.
 */
export class TimingWheel<Entry extends WheelEntry> {
  /** How many slots ahead an entry can be placed. */
  static readonly HORIZON = SLOTS - 1;

  /** The slot up to which everything has expired. */
  current = 0;

  private readonly slots = Array.from({ length: SLOTS }, () => new WheelEntry());
  private readonly due = new WheelEntry();

  /** Places an entry, wherever it was, to expire at `slot`: at the earliest the next, at the latest the horizon. */
  place(entry: Entry, slot: number): void {
    const ahead = Math.min(Math.max(slot - this.current, 1), TimingWheel.HORIZON);
    entry.unlink();
    entry.slot = this.current + ahead;
    entry.linkBefore(this.head(entry.slot));
  }

  /** Lets an entry that waits expire with the next slot, unless it has expired and is about to be taken. */
  placeNext(entry: Entry): void {
    if (entry.slot > this.current + 1) this.place(entry, this.current + 1);
  }

  /** Takes an entry out, wherever it is. */
  remove(entry: Entry): void {
    entry.unlink();
  }

  /** Takes everybody out, expired or not. */
  clear(): Entry[] {
    this.advance(this.current + SLOTS);
    const entries: Entry[] = [];
    for (let entry = this.take(); entry; entry = this.take()) entries.push(entry);
    return entries;
  }

  /** Expires all slots up to and with `slot`. Costs the same however many wait in them. */
  advance(slot: number): void {
    const last = Math.min(slot, this.current + SLOTS);
    while (this.current < last) this.expire(this.head(++this.current));
    this.current = Math.max(this.current, slot);
  }

  /** The next expired entry, taken out, in the order of their slots. */
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
