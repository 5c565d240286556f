import type { PresenceNodeState } from './presence.store.js';

/** What the store can have of this node: the version of its data, and how many entries and metas they are. */
export interface StoredState {
  readonly version: number;
  readonly keys: number;
  readonly metas: number;
}

/** States that a comparison remembers. One that takes longer is given up. */
const MOST_STATES = 1_000;

/** Compares what renewals return with what this node has written, while writes go on. */
export class StoredVersions {
  /** The last state that the store confirmed, and those written since, whose answers are missing. */
  private possible: readonly StoredState[] = [{ version: 0, keys: 0, metas: 0 }];
  private isUnknown = false;
  private readonly checks = new Set<StoredCheck>();

  /** Begins a comparison. Call it before the renewal is sent. */
  beginCheck(): StoredCheck {
    const check = new StoredCheck(this.possible, this.isUnknown);
    this.checks.add(check);
    return check;
  }

  /** Ends a comparison with what the renewal returned. `undefined`: it is not possible. */
  endCheck(check: StoredCheck, stored: PresenceNodeState | undefined): boolean | undefined {
    this.checks.delete(check);
    return check.allows(stored);
  }

  cancelCheck(check: StoredCheck): void {
    this.checks.delete(check);
  }

  /** A write is sent that leads to this state. */
  onSent(state: StoredState): void {
    this.possible = [...this.possible, state];
    for (const check of this.checks) check.add(state);
  }

  /** The store confirmed the state that was sent last. */
  onConfirmed(): void {
    this.possible = this.possible.slice(-1);
    this.isUnknown = false;
  }

  /** A rewrite begins. What the store has is not known until it is confirmed. */
  onRewrite(): void {
    this.isUnknown = true;
    this.possible = [];
    for (const check of this.checks) check.giveUp();
  }
}

/** One comparison. */
export class StoredCheck {
  private possible: StoredState[];

  constructor(
    possible: readonly StoredState[],
    private isGivenUp: boolean,
  ) {
    this.possible = [...possible];
  }

  add(state: StoredState): void {
    if (this.possible.length < MOST_STATES) this.possible.push(state);
    else this.giveUp();
  }

  giveUp(): void {
    this.isGivenUp = true;
    this.possible = [];
  }

  /** Whether this node can have written the stored state. `undefined`: the comparison is not possible. */
  allows(stored: PresenceNodeState | undefined): boolean | undefined {
    if (this.isGivenUp) return undefined;
    const { version = 0, keys = 0, metas = 0 } = stored ?? {};
    return this.possible.some(
      (state) => state.version === version && state.keys === keys && state.metas === metas,
    );
  }
}
