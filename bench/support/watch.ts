import type { Socket } from 'node:net';

/** What became of one connection, in ms on the server's clock; -1: not yet. */
export interface Watched {
  /** When bytes last came from the peer. */
  heardAt: number;
  /** When the application was told that it is gone. */
  toldAt: number;
}

/** Something that says when a connection is gone: a `ws` or an engine.io socket. */
interface Closing {
  on(event: 'close', listener: () => void): unknown;
}

/** Notes of each connection when it was last heard and when the application heard that it is gone. */
export class Watch {
  readonly all: Watched[] = [];

  constructor(private readonly isOn: boolean) {}

  /** `socket`: the raw one. It sees the bytes of pongs, and of frames that are not complete yet. */
  connection(client: Closing, socket: Socket): void {
    if (!this.isOn) return;
    const watched = this.add();
    socket.on('data', () => (watched.heardAt = performance.now()));
    client.on('close', () => (watched.toldAt = performance.now()));
  }

  add(): Watched {
    const watched = { heardAt: performance.now(), toldAt: -1 };
    if (this.isOn) this.all.push(watched);
    return watched;
  }
}
