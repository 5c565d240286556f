/** How often queries are sent, in ms. */
const TICK = 10;

/** Asks for keys at a rate, and measures how long the answers take. */
export class QueryLoad {
  #presence;
  #timer;
  #codes = {};
  #longest = 0;
  #sent = 0;
  #pending = new Set();

  constructor(presence) {
    this.#presence = presence;
  }

  /** Begins to send `rate` queries a second. */
  begin(rate) {
    const began = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - began) * rate) / 1_000;
      while (this.#sent < due) this.#ask();
    }, TICK);
  }

  /**
   * Waits for the answers. Returns how many queries were sent, how many failed with each code, and how long one took at
   * most, in ms.
   */
  async end() {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    return { sent: this.#sent, codes: this.#codes, longest: this.#longest };
  }

  #ask() {
    const sentAt = performance.now();
    const asked = this.#presence
      .isPresent(`absent-${this.#sent++}`)
      .catch(({ code }) => (this.#codes[code] = (this.#codes[code] ?? 0) + 1))
      .finally(() => {
        this.#longest = Math.max(this.#longest, performance.now() - sentAt);
        this.#pending.delete(asked);
      });
    this.#pending.add(asked);
  }
}
