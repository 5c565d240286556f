/** A connection to the gateway that comes back by itself. */
export class Connection {
  #socket;
  #timer;
  #retries = 0;
  #listeners;

  /** `listeners`: `opened()`, `lost({ code, reason })` and `received({ event, data })`. */
  constructor(listeners) {
    this.#listeners = listeners;
    addEventListener('pagehide', () => this.#close());
    // The page comes back out of the back/forward cache.
    addEventListener('pageshow', ({ persisted }) => persisted && this.#open());
    this.#open();
  }

  /** Sends a message in Nest's shape. */
  send(event, data) {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ event, data }));
    }
  }

  #open() {
    const url = new URL('chat', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener('open', this.#opened);
    this.#socket.addEventListener('close', this.#closed);
    this.#socket.addEventListener('message', ({ data }) =>
      this.#listeners.received(JSON.parse(data)),
    );
  }

  #close() {
    clearTimeout(this.#timer);
    this.#socket.removeEventListener('close', this.#closed);
    this.#socket.close(1000, 'page left');
  }

  #opened = () => {
    this.#retries = 0;
    this.#listeners.opened();
  };

  #closed = (event) => {
    if (this.#retries === 0) this.#listeners.lost(event);
    // Half of the delay is random: clients that left together do not come back together.
    const delay = Math.min(5_000, 250 * 2 ** this.#retries++) * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#open(), delay);
  };
}
