const TICK_MIN = 10;
const TICK_MAX = 100;

/** The options that the detector reads, as the public `HeartbeatPolicy` has them. Milliseconds and bytes. */
export interface DetectorOptions {
  readonly interval: number;
  readonly timeout: number;
  readonly idleTimeout: number | false;
  readonly maxLifetime: number | false;
  readonly admissionTimeout: number | false;
  readonly closeTimeout: number;
  readonly dryRun: boolean;
  readonly liveness: 'transport' | 'application';
  readonly limits:
    { readonly backlog?: { readonly stalled?: number; readonly max?: number } | false } | false;
}

/** The options of a connection, with everything derived from them once, so that a check only compares. */
export class DetectorPolicy {
  readonly interval: number;
  readonly timeout: number;
  /** Silence after which a connection is suspect. */
  readonly suspectAfter: number;
  /** The time that a client has to answer a ping. */
  readonly pongTimeout: number;
  /** Infinity if the option is off. Also of the next two. */
  readonly idleTimeout: number;
  readonly maxLifetime: number;
  readonly admissionTimeout: number;
  readonly dryRun: boolean;
  /** Whether only messages are signs of life. */
  readonly application: boolean;
  /** How long a message ping may stay unanswered before a ping frame follows. */
  readonly followUpAfter: number;
  /** The limit `backlog.stalled`, in bytes; Infinity for none. */
  readonly stalledBacklog: number;
  /** The limit `backlog.max`, in bytes; Infinity for none. */
  readonly maxBacklog: number;
  /** How long the kernel may take none of our bytes while the connection is closing. */
  readonly closeTimeout: number;

  constructor(options: DetectorOptions) {
    const { interval, timeout } = options;
    const { stalled = Infinity, max = Infinity } = (options.limits && options.limits.backlog) || {};
    this.interval = Math.ceil(interval);
    this.timeout = Math.ceil(timeout);
    this.suspectAfter = Math.ceil((interval + timeout) / 2);
    this.pongTimeout = Math.ceil(timeout - interval);
    this.idleTimeout = orNever(options.idleTimeout);
    this.maxLifetime = orNever(options.maxLifetime);
    this.admissionTimeout = orNever(options.admissionTimeout);
    this.dryRun = options.dryRun;
    this.application = options.liveness === 'application';
    this.followUpAfter = Math.ceil((timeout - interval) / 4);
    this.stalledBacklog = stalled;
    this.maxBacklog = max;
    this.closeTimeout = Math.ceil(options.closeTimeout);
  }

  /**
   * The longest tick with which the bounds hold: four checks fit between a ping and suspicion, and the two ticks
   * that rounding costs, one at the time stamp and one at the decision, stay within 10 % of the timeout and one tick.
   */
  get tick(): number {
    const { interval, timeout } = this;
    const longest = Math.min(interval / 4, (timeout - interval) / 4, timeout / 20, TICK_MAX);
    // Half an interval must be a whole number of ticks. Otherwise checks and pings would come early.
    const half = interval / 2;
    return Math.max(Math.floor(half / Math.ceil(half / longest)), TICK_MIN);
  }

  /** Slots of half an interval, at least one. */
  halfInterval(tick: number): number {
    return Math.max(1, Math.floor(this.interval / 2 / tick));
  }

  /** The slots of a tenth of the timeout, at least one. */
  tenthOfTimeout(tick: number): number {
    return Math.max(1, Math.floor(this.timeout / 10 / tick));
  }

  static get longestTick(): number {
    return TICK_MAX;
  }
}

function orNever(time: number | false): number {
  return time === false ? Infinity : Math.ceil(time);
}
