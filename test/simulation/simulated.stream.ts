/** How fast a client reads. */
export interface Reading {
  /** Milliseconds between two reads; 0: the client reads at once. */
  readonly every: number;
  /** Bytes per read. */
  readonly chunk: number;
  /** Bytes that the kernel buffers of both sides hold. */
  readonly kernelBuffers: number;
}

/** The share of its buffer that must be free before a kernel accepts more: a blocked queue is flushed in steps. */
const FREE = 1 / 3;

/**
 * The bytes that are sent to a client. They wait in the socket, then in the kernel buffers, until the client reads
 * them. The process sees only in its poll phase what was flushed from a blocked queue, because libuv writes there.
 */
export class SimulatedStream {
  /** Bytes that were sent, and those of them that were flushed, as the process knows it. */
  written = 0;
  flushed = 0;
  /** Bytes that the kernel has accepted, and bytes that the client has read. */
  private inKernel = 0;
  private read = 0;
  private readAt = 0;
  private movedAt = -Infinity;
  private seenMovedAt = -Infinity;
  private stopsAt = Infinity;
  /** How far the clock of the client is ahead of the clock of the process, which stood still for that time. */
  private ahead = 0;

  constructor(private readonly reading: Reading) {}

  /** Bytes that wait in the socket. */
  get waiting(): number {
    return this.written - this.flushed;
  }

  /** When bytes that had waited in the socket were last flushed. */
  get flushedAt(): number {
    return this.seenMovedAt - this.ahead;
  }

  /** The client stops reading. */
  stop(at: number): void {
    this.stopsAt = Math.min(this.stopsAt, at + this.ahead);
  }

  /** Sends bytes. They are flushed at once as far as the kernel has room, unless earlier bytes wait. */
  send(bytes: number, now: number): void {
    const wasBlocked = this.waiting > 0;
    this.advance(now);
    if (this.read === this.written) this.readAt = now + this.ahead;
    const isFull = this.inKernel < this.written;
    this.written += bytes;
    if (!isFull) this.fill();
    this.advance(now);
    if (!wasBlocked) this.flushed = this.inKernel;
  }

  /** The poll phase of the process: it sees what was flushed. */
  poll(now: number): void {
    this.advance(now);
    this.flushed = this.inKernel;
    this.seenMovedAt = this.movedAt;
  }

  /** When the client has read all bytes that were sent until `now`; Infinity: never. */
  readBy(now: number): number {
    this.advance(now);
    const { every, chunk } = this.reading;
    const reads = every === 0 ? 0 : Math.ceil((this.written - this.read) / chunk);
    const at = reads === 0 ? now + this.ahead : this.readAt + reads * every;
    return at < this.stopsAt ? at - this.ahead : Infinity;
  }

  /** Computes the reads of the client until `now`. */
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
        this.reading.kernelBuffers - (this.inKernel - this.read) >=
        this.reading.kernelBuffers * FREE;
      if (this.inKernel === this.written || !isReported) continue;
      this.fill();
      this.movedAt = at;
    }
  }

  /** The clock of the process stood still for `duration` while the client went on. */
  shift(duration: number): void {
    this.ahead += duration;
  }

  private fill(): void {
    this.inKernel = Math.min(this.written, this.read + this.reading.kernelBuffers);
  }
}
