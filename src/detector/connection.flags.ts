import { WheelEntry } from './timing-wheel.js';

/** What is true or false of a connection: bits of one number. */
export const Flag = {
  /** Since the last check the client sent more than answers to pings. */
  hasUnsolicited: 1,
  /** A reading since the last check found that something was sent to the client. */
  hasSent: 2,
  /** The check half-way to the next phase is needed. */
  isHalfChecked: 4,
  /** The last check found no traffic in one of the directions. */
  lackedTraffic: 8,
  isSuspect: 16,
  isEvicted: 32,
  /** The phase had come when the last check began. */
  isInPhase: 64,
  isDeadlineOver: 128,
} as const;

/** A flag of a connection. */
export type Flag = (typeof Flag)[keyof typeof Flag];

/** Keeps the flags of a connection in one field, because each field takes eight bytes: docs/PERFORMANCE.md. */
export abstract class ConnectionFlags extends WheelEntry {
  private flags = 0;

  protected is(flag: Flag): boolean {
    return (this.flags & flag) !== 0;
  }

  protected set(flag: Flag, isSet: boolean): void {
    this.flags = isSet ? this.flags | flag : this.flags & ~flag;
  }

  /** Whether a flag is set. Clears it. */
  protected take(flag: Flag): boolean {
    const isSet = this.is(flag);
    this.set(flag, false);
    return isSet;
  }
}
