/** The share of a lease after which a node without a renewal is out of touch: the store can have been away meanwhile. */
export const OUT_OF_TOUCH = 0.5;

/** What this node knows about its own renewals. */
export class RenewalRecord {
  /** Since when all renewals succeeded with their lease held, none of them late. */
  private heldSince: number | undefined;
  private disturbed = false;
  private storeTime: { readonly store: number; readonly local: number } | undefined;

  constructor(private readonly lease: number) {}

  /** A renewal succeeded. `now`: local time; `storeNow`: time on the store's clock. Milliseconds. */
  onSuccess(held: boolean, storeNow: number, now: number): void {
    const gap = now - (this.storeTime?.local ?? now);
    const isRegular = held && gap <= OUT_OF_TOUCH * this.lease;
    if (!isRegular && this.storeTime !== undefined) this.disturbed = true;
    if (!isRegular) this.heldSince = undefined;
    this.heldSince ??= now;
    this.storeTime = { store: storeNow, local: now };
    if (this.isSteady(now)) this.disturbed = false;
  }

  onFailure(): void {
    this.disturbed = true;
    this.heldSince = undefined;
  }

  /** Whether renewals went through for a whole lease: only then does a missing lease mean a dead node. */
  isSteady(now: number): boolean {
    return this.heldSince !== undefined && now - this.heldSince >= this.lease;
  }

  /** Whether the store was away, or lost data, within the last lease: keys can be missing that are present. */
  get isDisturbed(): boolean {
    return this.disturbed;
  }

  /** Time on the store's clock, too low rather than too high. `undefined` if it is not known well enough. */
  storeNow(now: number): number | undefined {
    if (this.storeTime === undefined) return undefined;
    const elapsed = now - this.storeTime.local;
    return elapsed > this.lease ? undefined : this.storeTime.store + elapsed;
  }
}
