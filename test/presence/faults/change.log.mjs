/** Records the changes of a topic: `+key` and `-key`, each with its time. */
export class ChangeLog {
  #events = [];

  constructor(changes) {
    changes.subscribe(({ joined, left }) => {
      const at = performance.now();
      for (const key of joined) this.#events.push({ key, event: `+${key}`, at });
      for (const key of left) this.#events.push({ key, event: `-${key}`, at });
    });
  }

  /** The events of the keys whose names start with a text. */
  of(prefix) {
    return this.#events.filter(({ key }) => key.startsWith(prefix));
  }
}
