import { WheelEntry } from './timing-wheel.js';

/** Waits in real time for the next deadline of an owner that itself waits in stall-adjusted time. */
export class RealDeadline<Owner> extends WheelEntry {
  /** Real time, whole ms. */
  private dueAt = Infinity;

  constructor(readonly owner: Owner) {
    super();
  }

  get at(): number {
    return this.dueAt;
  }

  /** Sets the deadline. Returns whether the entry has to be placed again. */
  moveTo(at: number): boolean {
    if (this.dueAt === at && this.isWaiting) return false;
    this.dueAt = at;
    return true;
  }
}
