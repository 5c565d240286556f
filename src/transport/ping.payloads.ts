import { randomBytes } from 'node:crypto';

/** Bytes of a payload: far more than can be guessed, far less than the 125 that a control frame may carry. */
const LENGTH = 8;
const BLOCK = LENGTH * 512;
/** For how long it is the same moment, in ms: by so much a round trip may be measured too long where many are pinged. */
const MOMENT = 0.25;

/** A point in real time, in ms, and what a measurement must know of stalls there. */
export interface Moment {
  readonly real: number;
  readonly stalls: number;
  /** A stall has begun that no tick has seen yet. */
  readonly isStalled: boolean;
}

/** Something that was sent and is to come back. */
abstract class PendingAnswer {
  private readonly sentAt: number;
  private readonly stallsBefore: number;

  constructor(sent: Moment) {
    this.sentAt = sent.real;
    this.stallsBefore = sent.stalls;
  }

  /** Whether it was sent just now, as far as a round trip is measured. */
  isOf(now: Moment): boolean {
    return now.real - this.sentAt <= MOMENT && now.stalls === this.stallsBefore;
  }

  /** The round trip in ms that ends at `now`; NaN where it was under way across a stall of ours. */
  roundTrip(now: Moment): number {
    return now.isStalled || now.stalls !== this.stallsBefore ? NaN : now.real - this.sentAt;
  }
}

/** A ping frame under way. Nobody can guess its payload, so only who received it can answer it. */
export class PendingPing extends PendingAnswer {
  constructor(
    readonly payload: Buffer,
    sent: Moment,
  ) {
    super(sent);
  }

  isAnsweredBy(data: Buffer): boolean {
    return this.payload.equals(data);
  }
}

/** A ping by message under way. */
export class PendingMessagePing extends PendingAnswer {
  constructor(
    readonly id: string,
    sent: Moment,
  ) {
    super(sent);
  }
}

/** Draws random payloads from the system a block at a time, because a draw costs more than a ping. */
export class PingPayloads {
  private block = Buffer.alloc(0);
  private used = 0;
  /** Held by those who have not answered it, and by nobody once all have. */
  private last: WeakRef<PendingPing> | undefined;

  /** A challenge that nobody else gets. */
  challenge(now: Moment): PendingPing {
    if (this.used >= this.block.length) {
      this.block = randomBytes(BLOCK);
      this.used = 0;
    }
    return new PendingPing(this.block.subarray(this.used, (this.used += LENGTH)), now);
  }

  /**
   * The challenge of all who are pinged at the same moment: who gets one must not be able to guess it, but may
   * know what others got. Where many are pinged, one for each was a twentieth of what a ping costs.
   */
  shared(now: Moment): PendingPing {
    const last = this.last?.deref();
    if (last?.isOf(now) === true) return last;
    const challenge = this.challenge(now);
    this.last = new WeakRef(challenge);
    return challenge;
  }
}
