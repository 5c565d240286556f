import type { DetectorPolicy } from './detector.policy.js';

/** The bytes that wait in the socket of a connection. Exists only while bytes wait. Times are stall-adjusted. */
export class Backlog {
  /** Since when the kernel has taken none of the waiting bytes. */
  private blockedAt: number;
  private waitingBytes = 0;
  /** The fewest bytes that have waited since more than the limit wait; Infinity while no more wait. */
  private leastOverMax = Infinity;

  /**
   * @param flushedBytes bytes that the kernel has taken so far
   * @param now the current time
   * @param isBlocked whether a check found the bytes waiting. Right after a send they may still be taken at once, where
   * writes complete asynchronously.
   */
  constructor(
    private flushedBytes: number,
    now: number,
    private isBlocked: boolean,
  ) {
    this.blockedAt = now;
  }

  get blockedSince(): number {
    return this.blockedAt;
  }

  /**
   * Takes in the current counters. Returns whether the kernel took bytes from a queue that an earlier check had found
   * blocked: the client acknowledged others before. A write that the kernel accepts at once proves nothing, because
   * the kernel accepts hundreds of kilobytes for a stopped client.
   */
  update(waiting: number, flushed: number, now: number, max: number, isCheck: boolean): boolean {
    const taken = flushed - this.flushedBytes;
    const isProgress = taken > 0 && this.isBlocked;
    if (taken > 0) this.blockedAt = now;
    // Between the checks, before more was sent, no more bytes than the limit may have waited.
    if (this.waitingBytes - taken <= max) this.leastOverMax = Infinity;
    this.flushedBytes = flushed;
    this.isBlocked ||= isCheck;
    this.waitingBytes = waiting;
    this.leastOverMax = waiting > max ? Math.min(this.leastOverMax, waiting) : Infinity;
    return isProgress;
  }

  /**
   * Whether the client is a slow consumer: for a `timeout` it took none of many bytes, or it takes so much less than
   * is sent that the backlog has grown by another `max`. One message, however large, is no reason while the client
   * takes some of it.
   */
  isOverLimit({ stalledBacklog, maxBacklog, timeout }: DetectorPolicy, now: number): boolean {
    const isStuck = this.waitingBytes > stalledBacklog && now >= this.blockedAt + timeout;
    return isStuck || this.waitingBytes >= this.leastOverMax + maxBacklog;
  }
}
