const NONE = -1;

/** The pings by message of a client whose application answers them. Times are stall-adjusted; -1: none. */
export class MessagePings {
  /** When the first unanswered one was sent. */
  private sentAt = NONE;
  /** When a ping frame has to follow the last one. */
  private nextFollowUpAt = NONE;

  /** When the first unanswered one was sent; -1: none is unanswered. */
  get unansweredSince(): number {
    return this.sentAt;
  }

  /** When a ping frame has to follow; Infinity for none. */
  get followUpAt(): number {
    return this.nextFollowUpAt === NONE ? Infinity : this.nextFollowUpAt;
  }

  /** A ping was sent and flushed. */
  onSent(now: number, followUpAt: number): void {
    if (this.sentAt === NONE) this.sentAt = now;
    this.nextFollowUpAt = followUpAt;
  }

  /** Forgets the unanswered ping. */
  forget(): void {
    this.sentAt = NONE;
    this.nextFollowUpAt = NONE;
  }

  /** A ping frame that has to follow does so later. */
  postponeFollowUp(at: number): void {
    if (this.nextFollowUpAt !== NONE) this.nextFollowUpAt = at;
  }

  /** Whether a ping frame has to follow, now. It follows once. */
  takeFollowUp(now: number): boolean {
    if (now < this.followUpAt) return false;
    this.nextFollowUpAt = NONE;
    return true;
  }
}
