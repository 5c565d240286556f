/** Time between two runs, in ms. */
const STEP = 5;

/** Delivers items after individual delays, with one timer for all. */
export class DelayLine<Item> {
  /** The largest delay of the timer in ms: the time for which this process had no processor. */
  lateness = 0;

  private readonly slots: Item[][];
  private at = Math.floor(performance.now() / STEP);

  /** `longest`: the longest delay, in ms. */
  constructor(
    longest: number,
    private readonly deliver: (item: Item) => void,
  ) {
    this.slots = Array.from({ length: Math.ceil(longest / STEP) + 2 }, () => []);
    setInterval(() => this.run(), STEP);
  }

  put(item: Item, delay: number): void {
    const ahead = Math.min(Math.ceil(delay / STEP) + 1, this.slots.length - 1);
    this.slot(this.at + ahead).push(item);
  }

  private run(): void {
    const now = Math.floor(performance.now() / STEP);
    this.lateness = Math.max(this.lateness, (now - this.at - 1) * STEP);
    while (this.at < now) {
      const due = this.slot(++this.at);
      for (const item of due) this.deliver(item);
      due.length = 0;
    }
  }

  private slot(number: number): Item[] {
    return this.slots[number % this.slots.length] as Item[];
  }
}
