import type { Socket } from 'node:net';

/** The times of one connection, in ms of the clock of the server; -1: not yet. */
export interface Watched {
  /** When bytes were last received from the client. */
  receivedAt: number;
  /** When the application received the `'close'` event. */
  closedAt: number;
}

/** A client that emits `'close'`: of `ws` or of engine.io. */
interface Closing {
  on(event: 'close', listener: () => void): unknown;
}

/** Records when each connection last received bytes and when the application learned of its end. */
export class Watch {
  readonly all: Watched[] = [];

  constructor(private readonly isOn: boolean) {}

  /** `socket`: the raw socket, which also shows the bytes of pongs and of incomplete frames. */
  connection(client: Closing, socket: Socket): void {
    if (!this.isOn) return;
    const watched = this.add();
    socket.on('data', () => (watched.receivedAt = performance.now()));
    client.on('close', () => (watched.closedAt = performance.now()));
  }

  add(): Watched {
    const watched = { receivedAt: performance.now(), closedAt: -1 };
    if (this.isOn) this.all.push(watched);
    return watched;
  }
}
