import type { Duplex } from 'node:stream';

/** The parts that are used here of what Node keeps below a socket. Not public. */
interface Handle {
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
}

/** How many bytes the kernel has taken from a socket. Under TLS only the handle below knows. */
export function takenOf(socket: Duplex): number {
  const own = handleOf(socket, '_handle');
  const { bytesWritten = 0, writeQueueSize = 0 } = handleOf(own, '_parent') ?? own ?? {};
  return bytesWritten - writeQueueSize;
}

function handleOf(holder: object | undefined, key: string): Handle | undefined {
  return (holder as Record<string, Handle | null> | undefined)?.[key] ?? undefined;
}

/** For how long a socket had bytes that waited to be sent: a transfer that did not wait shows nothing. */
export class QueueWatch {
  /** The total, in ms. */
  waited = 0;
  /** The most bytes that waited. */
  most = 0;
  private last = performance.now();

  constructor(readonly socket: Duplex) {}

  sample(): void {
    const now = performance.now();
    const waiting = this.socket.writableLength;
    if (waiting > 0) this.waited += now - this.last;
    this.most = Math.max(this.most, waiting);
    this.last = now;
  }
}
