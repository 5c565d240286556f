/** A timer of the test clock. Has the methods of a Node.js timer that code may call on one. */
export class TestTimer {
  private isRef = true;

  constructor(
    readonly callback: () => void,
    readonly every: number | undefined,
    public at: number,
  ) {}

  ref(): this {
    this.isRef = true;
    return this;
  }

  unref(): this {
    this.isRef = false;
    return this;
  }

  hasRef(): boolean {
    return this.isRef;
  }
}
