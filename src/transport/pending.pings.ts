/** A point in real time, and the state of the stall-aware clock at that time. */
export interface Moment {
  /** Real time in ms. */
  readonly real: number;
  /** The number of stalls so far. */
  readonly stalls: number;
  /** Whether a stall has begun that no tick has ended yet. */
  readonly isStalled: boolean;
}

/** A ping whose answer is pending. */
abstract class PendingAnswer {
  private readonly sentAt: number;
  private readonly stallsBefore: number;

  constructor(sent: Moment) {
    this.sentAt = sent.real;
    this.stallsBefore = sent.stalls;
  }

  /** The round trip in ms that ends at `now`; NaN if this process stalled meanwhile. */
  roundTrip(now: Moment): number {
    return now.isStalled || now.stalls !== this.stallsBefore ? NaN : now.real - this.sentAt;
  }
}

/** A ping frame in flight. Its payload cannot be predicted, so only a client that received it can answer it. */
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

/** A ping by message in flight. */
export class PendingMessagePing extends PendingAnswer {
  constructor(
    readonly id: string,
    sent: Moment,
  ) {
    super(sent);
  }
}
