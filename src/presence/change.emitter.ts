import type { PresenceClock } from './presence.clock.js';
import type { PresenceChange } from './presence.interfaces.js';

/** The shortest time between two emissions: at most ten a second. Milliseconds. */
const EMISSION_INTERVAL = 100;
/** Keys of one emission, each way. */
const MOST_KEYS = 1_000;

/**
 * Turns the coming and going of keys into changes for one subscriber: a key that is absent for less than `linger` is not
 * reported, and `joined` and `left` of a key alternate.
 */
export class ChangeEmitter {
  private readonly joined = new Set<string>();
  private readonly left = new Set<string>();
  /** When keys that are absent are reported as left, monotonic ms. */
  private readonly absent = new Map<string, number>();
  private isHeld = false;
  private lastAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Infinity;

  /**
   * @param emit takes the changes
   * @param isOutOfTouch whether this node has not renewed for a while in which the store can have been away. It is held then
   * once it has.
   */
  constructor(
    private readonly topic: string,
    private readonly linger: number,
    private readonly emit: (change: PresenceChange) => void,
    private readonly clock: Pick<PresenceClock, 'now' | 'setTimeout' | 'clear'>,
    private readonly isOutOfTouch: () => boolean = () => false,
  ) {}

  /** A key is present that was not. */
  onPresent(key: string): void {
    if (this.absent.delete(key) || this.left.delete(key)) return;
    this.joined.add(key);
    this.plan(0);
  }

  /**
   * A key is absent that was present. `ago`: for how long already, in ms. `least`: how long it must be absent from now
   * on, even if `linger` ends before.
   */
  onAbsent(key: string, ago: number, least = 0): void {
    // The subscriber has not learnt of it.
    if (this.joined.delete(key)) return;
    const wait = Math.max(least, this.linger - ago);
    this.absent.set(key, this.clock.now() + wait);
    this.plan(wait);
  }

  /** While held, no key is reported as left: keys can be missing that are present. */
  hold(isHeld: boolean): void {
    if (this.isHeld === isHeld) return;
    this.isHeld = isHeld;
    if (!isHeld && this.absent.size + this.left.size > 0) this.plan(0);
  }

  stop(): void {
    this.clock.clear(this.timer);
    this.timerAt = -Infinity;
  }

  /** Runs `flush()` after `wait` ms at the latest, but not before the next emission may come. */
  private plan(wait: number): void {
    const now = this.clock.now();
    const at = Math.max(now + wait, this.lastAt + EMISSION_INTERVAL);
    if (at >= this.timerAt) return;
    this.clock.clear(this.timer);
    this.timerAt = at;
    // Rounded up: a timer can fire a fraction of a ms early.
    this.timer = this.clock.setTimeout(() => this.flush(), Math.ceil(at - now));
  }

  private flush(): void {
    // After a stall: keys can be back whose messages have arrived, and are not read yet.
    const isLate = this.clock.now() - this.timerAt > EMISSION_INTERVAL;
    const isHeld = this.isHeld || this.isOutOfTouch();
    this.timerAt = Infinity;
    this.timer = undefined;
    const next = isLate || isHeld ? Infinity : this.collectLeft();
    const joined = take(this.joined);
    const left = isLate || isHeld ? [] : take(this.left);
    const hasMore = this.joined.size > 0 || (!isHeld && this.left.size > 0);
    if (joined.length + left.length > 0) {
      this.emit({ topic: this.topic, joined, left });
      this.lastAt = this.clock.now();
    }
    if (isLate) this.plan(EMISSION_INTERVAL);
    else if (hasMore) this.plan(0);
    else if (next < Infinity) this.plan(next - this.clock.now());
  }

  /** Moves the keys that were absent for long enough. Returns when the next one will be. */
  private collectLeft(): number {
    const now = this.clock.now();
    let next = Infinity;
    for (const [key, at] of this.absent) {
      if (at > now) {
        next = Math.min(next, at);
        continue;
      }
      this.absent.delete(key);
      this.left.add(key);
    }
    return next;
  }
}

/** Removes and returns the first keys. */
function take(keys: Set<string>): string[] {
  const taken: string[] = [];
  for (const key of keys) {
    if (taken.length === MOST_KEYS) break;
    taken.push(key);
    keys.delete(key);
  }
  return taken;
}
