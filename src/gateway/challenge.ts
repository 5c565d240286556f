import { randomBytes } from 'node:crypto';

/** Bytes of a payload: far more than can be guessed, far less than the 125 that a control frame may carry. */
const LENGTH = 8;
const BLOCK = LENGTH * 512;

/** A ping under way. Nobody can guess its payload, so only who received it can answer it. */
export class Challenge {
  constructor(
    readonly payload: Buffer,
    private readonly sentAt: number,
    private readonly stallsBefore: number,
  ) {}

  isAnsweredBy(data: Buffer): boolean {
    return this.payload.equals(data);
  }

  /** The round trip in ms that ends at `now`; NaN where it was under way across a stall of ours. */
  roundTrip(now: Moment): number {
    return now.isStalled || now.stalls !== this.stallsBefore ? NaN : now.real - this.sentAt;
  }
}

/** A point in real time, in ms, and what a measurement must know of stalls there. */
export interface Moment {
  readonly real: number;
  readonly stalls: number;
  /** A stall has begun that no tick has seen yet. */
  readonly isStalled: boolean;
}

/** Draws random payloads from the system a block at a time, because a draw costs more than a ping. */
export class Challenger {
  private block = Buffer.alloc(0);
  private used = 0;

  challenge(now: Moment): Challenge {
    if (this.used >= this.block.length) {
      this.block = randomBytes(BLOCK);
      this.used = 0;
    }
    const payload = this.block.subarray(this.used, (this.used += LENGTH));
    return new Challenge(payload, now.real, now.stalls);
  }
}
