const TICK_MIN = 10;
const TICK_MAX = 100;

/** What the judge must know of a policy. Milliseconds; a clock that is off never runs out. */
export interface PolicyTimes {
  readonly interval: number;
  readonly timeout: number;
  readonly idleTimeout: number | false;
  readonly maxLifetime: number | false;
  readonly admissionTimeout: number | false;
  readonly closeTimeout: number;
  readonly dryRun: boolean;
  readonly liveness: 'transport' | 'application';
  readonly limits: { readonly backlog?: Partial<BacklogLimit> | false } | false;
}

/** How many bytes may wait in the socket of a connection. */
export interface BacklogLimit {
  /** More than this may wait for a `timeout` without the kernel taking any. */
  readonly stalled: number;
  /** More than this may not grow by as much again. */
  readonly max: number;
}

const NO_LIMIT: BacklogLimit = { stalled: Infinity, max: Infinity };

/** A policy with everything derived from it once, so that a look only compares. */
export class DetectorPolicy {
  readonly interval: number;
  readonly timeout: number;
  /** Silence at which a connection is suspected. */
  readonly suspectAfter: number;
  /** How long a ping must have stayed unanswered before a verdict: as long as a peer may take to answer. */
  readonly pongTimeout: number;
  readonly idleTimeout: number;
  readonly maxLifetime: number;
  readonly admissionTimeout: number;
  readonly dryRun: boolean;
  /** Whether only messages are signs of life. */
  readonly application: boolean;
  /** How long a ping by message may stay unanswered before a frame follows it. */
  readonly followUpAfter: number;
  readonly backlog: BacklogLimit;
  /** How long a connection that is being closed may take none of our bytes. */
  readonly closeTimeout: number;

  constructor(times: PolicyTimes) {
    this.interval = Math.ceil(times.interval);
    this.timeout = Math.ceil(times.timeout);
    this.suspectAfter = Math.ceil((times.interval + times.timeout) / 2);
    this.pongTimeout = Math.ceil(times.timeout - times.interval);
    this.idleTimeout = orNever(times.idleTimeout);
    this.maxLifetime = orNever(times.maxLifetime);
    this.admissionTimeout = orNever(times.admissionTimeout);
    this.dryRun = times.dryRun;
    this.application = times.liveness === 'application';
    this.followUpAfter = Math.ceil((times.timeout - times.interval) / 4);
    this.backlog = { ...NO_LIMIT, ...(times.limits && times.limits.backlog) };
    this.closeTimeout = Math.ceil(times.closeTimeout);
  }

  /**
   * The longest tick with which the promises hold: four looks fit between ping and suspicion, and
   * the two ticks lost to rounding, one at the stamp and one at the verdict, stay within 10 % of the
   * timeout and one tick.
   */
  get tick(): number {
    const { interval, timeout } = this;
    const longest = Math.min(interval / 4, (timeout - interval) / 4, timeout / 20, TICK_MAX);
    // Whole ticks in half an interval, or looks and pings would come earlier than they have to.
    const half = interval / 2;
    return Math.max(Math.floor(half / Math.ceil(half / longest)), TICK_MIN);
  }

  /** Slots between two looks at a healthy connection, of which there are two an interval. */
  halfInterval(tick: number): number {
    return Math.max(1, Math.floor(this.interval / 2 / tick));
  }

  static get longestTick(): number {
    return TICK_MAX;
  }
}

function orNever(clock: number | false): number {
  return clock === false ? Infinity : Math.ceil(clock);
}
