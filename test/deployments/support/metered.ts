import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** How often bytes pass. Milliseconds. */
const STEP = 10;
/** For how many ms at most the meter makes up after its process did not run. */
const CATCH_UP = 200;

/** How much is written at once. Bytes. */
const PIECE = 65_536;

/** A write that has not passed as a whole. */
interface Pending {
  readonly chunk: Buffer;
  offset: number;
  readonly done: (error?: Error | null) => void;
}

/**
 * A socket whose bytes pass at a limited rate, separately in each direction. Every read is metered: a socket that is
 * paused and resumed by a timer reads megabytes at a time.
 */
export class Metered extends Duplex {
  /** How many bytes have passed. */
  readonly passed = { in: 0, out: 0 };

  private readonly timer = setInterval(() => this.step(), STEP);
  private last = performance.now();
  private readonly budget = { in: 0, out: 0 };
  private pending: Pending | undefined;
  private isWanted = false;
  private isReading = true;
  private isHanging = false;

  /** `rate`: bytes per second; undefined: as fast as the socket takes and delivers them. */
  constructor(
    private readonly raw: Socket,
    private readonly rate: number | undefined,
  ) {
    super();
    raw.on('error', (error) => this.destroy(error));
    raw.on('end', () => this.push(null));
    raw.on('close', () => this.destroy());
    if (rate === undefined) {
      raw.on('readable', () => this.step());
      raw.on('drain', () => this.step());
    }
  }

  /** Passes nothing any more, in either direction. The socket stays open. */
  hang(): void {
    clearInterval(this.timer);
    this.isHanging = true;
  }

  /** Reads nothing any more. What is written still passes. */
  stopReading(): void {
    this.isReading = false;
  }

  override _read(): void {
    this.isWanted = true;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: Pending['done']): void {
    this.pending = { chunk, offset: 0, done };
  }

  override _final(done: Pending['done']): void {
    this.raw.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.timer);
    this.raw.destroy();
    done(error);
  }

  private step(): void {
    if (this.isHanging) return;
    const now = performance.now();
    const elapsed = Math.min(now - this.last, CATCH_UP);
    this.last = now;
    // What was not used up is lost, but for less than one byte: a meter is no bucket.
    for (const direction of ['in', 'out'] as const) {
      const { budget, rate } = this;
      budget[direction] =
        rate === undefined ? Infinity : (budget[direction] % 1) + (rate * elapsed) / 1_000;
    }
    if (this.isReading) this.passIn();
    this.passOut();
  }

  private passIn(): void {
    const { raw } = this;
    while (this.isWanted && this.budget.in >= 1) {
      const length = Math.min(Math.floor(this.budget.in), raw.readableLength);
      // Nothing to read yet: `read(0)` makes the socket fetch more.
      const chunk = raw.read(length) as Buffer | null;
      if (chunk === null) return;
      this.budget.in -= chunk.length;
      this.passed.in += chunk.length;
      this.isWanted = this.push(chunk);
    }
  }

  private passOut(): void {
    const { raw } = this;
    // What waits, waits here and not in the socket.
    while (this.pending !== undefined && raw.writableLength === 0 && this.budget.out >= 1) {
      const { chunk, offset, done } = this.pending;
      const piece = chunk.subarray(offset, offset + Math.min(this.budget.out, PIECE));
      this.budget.out -= piece.length;
      this.passed.out += piece.length;
      this.pending.offset += piece.length;
      raw.write(piece);
      if (this.pending.offset < chunk.length) continue;
      this.pending = undefined;
      // Makes the stream write its next chunk, if there is one, before it returns.
      done();
    }
  }
}
