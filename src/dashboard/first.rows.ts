/** Keeps the first rows of an order. Adding one costs little for any number of rows, so that it never blocks for long. */
export class FirstRows<Row> {
  private readonly rows: Row[] = [];
  private lastKept: Row | undefined;

  constructor(
    private readonly compare: (a: Row, b: Row) => number,
    private readonly limit: number,
  ) {}

  /** The last row that is kept, once there are enough. A row after it is none of the first. */
  get last(): Row | undefined {
    return this.lastKept;
  }

  add(row: Row): void {
    if (this.limit === 0) return;
    if (this.lastKept !== undefined && this.compare(row, this.lastKept) >= 0) return;
    this.rows.push(row);
    if (this.rows.length >= 2 * this.limit) this.cut();
  }

  /** The rows in order. */
  sorted(): Row[] {
    this.cut();
    return this.rows;
  }

  private cut(): void {
    this.rows.sort(this.compare);
    if (this.rows.length < this.limit) return;
    this.rows.length = this.limit;
    this.lastKept = this.rows.at(-1);
  }
}
