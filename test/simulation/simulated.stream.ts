/** How a client reads what it is sent. */
export interface Reading {
  /** Milliseconds between two reads; 0: everything is read at once. */
  readonly every: number;
  /** Bytes that one read takes. */
  readonly chunk: number;
  /** Bytes that the kernels of both sides hold. */
  readonly kernels: number;
}

/** A kernel reports room only when so much of it is free: a blocked queue moves in steps. */
const FREE = 1 / 3;

/**
 * What is sent to a client: bytes wait in the socket, then in the kernels, then the client reads them. The process
 * sees what the kernel took of a blocked queue in its poll phase only, as libuv writes there.
 */
export class SimulatedStream {
  /** Bytes that were sent, and those of them that the kernel had taken when the process looked last. */
  written = 0;
  taken = 0;
  /** Bytes that the kernel has taken, and that the client has read. */
  private inKernel = 0;
  private read = 0;
  private readAt = 0;
  private movedAt = -Infinity;
  private seenMovedAt = -Infinity;
  private stopsAt = Infinity;
  /** How far the time of the client is ahead of that of the process: its clock stood still for so long. */
  private ahead = 0;

  constructor(private readonly reading: Reading) {}

  /** Bytes that wait in the socket. */
  get waiting(): number {
    return this.written - this.taken;
  }

  /** When the kernel took bytes last that had waited in the socket. */
  get takenAt(): number {
    return this.seenMovedAt - this.ahead;
  }

  /** The client reads no longer. */
  stop(at: number): void {
    this.stopsAt = Math.min(this.stopsAt, at + this.ahead);
  }

  /** Bytes are sent. The kernel takes at once what it has room for, unless others wait already. */
  send(bytes: number, now: number): void {
    const wasBlocked = this.waiting > 0;
    this.advance(now);
    if (this.read === this.written) this.readAt = now + this.ahead;
    const isFull = this.inKernel < this.written;
    this.written += bytes;
    if (!isFull) this.fill();
    this.advance(now);
    if (!wasBlocked) this.taken = this.inKernel;
  }

  /** The poll phase of the process: it sees what the kernel has taken. */
  poll(now: number): void {
    this.advance(now);
    this.taken = this.inKernel;
    this.seenMovedAt = this.movedAt;
  }

  /** When the client has read all that was sent so far; Infinity if it never will. */
  readBy(now: number): number {
    this.advance(now);
    const { every, chunk } = this.reading;
    const reads = every === 0 ? 0 : Math.ceil((this.written - this.read) / chunk);
    const at = reads === 0 ? now + this.ahead : this.readAt + reads * every;
    return at < this.stopsAt ? at - this.ahead : Infinity;
  }

  /** Computes what happened until `now`. */
  private advance(now: number): void {
    const { every, chunk } = this.reading;
    const end = now + this.ahead;
    if (every === 0) {
      if (end < this.stopsAt) this.inKernel = this.read = this.written;
      return;
    }
    while (this.read < this.written && this.readAt + every <= end) {
      const at = this.readAt + every;
      if (at >= this.stopsAt) return;
      this.readAt = at;
      this.read = Math.min(this.inKernel, this.read + chunk);
      const isReported =
        this.reading.kernels - (this.inKernel - this.read) >= this.reading.kernels * FREE;
      if (this.inKernel === this.written || !isReported) continue;
      this.fill();
      this.movedAt = at;
    }
  }

  /** The world went on for so long while the clock of the process stood still. */
  shift(duration: number): void {
    this.ahead += duration;
  }

  private fill(): void {
    this.inKernel = Math.min(this.written, this.read + this.reading.kernels);
  }
}
