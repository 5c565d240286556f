import type { AdaptiveTimeout } from './adaptive.timeout.js';

/** A timer that fires later than this decides nothing, ms. Browsers run timers of hidden pages once per second. */
const MAX_TIMER_DELAY = 1_100;
/** Wait between the deadline and the decision, ms: a message that was received is dispatched in this time. */
const GRACE_PERIOD = 50;

/**
 * What the session has to do. `ping`: send a ping. `suspect`: report that the server is silent. `heartbeat`: send a
 * bare heartbeat, because the client waits longer than the timeout by which the server evicts it. `dead`: report that
 * the server is dead, and end the connection.
 */
export type DetectorAction = 'ping' | 'suspect' | 'heartbeat' | 'dead';

/** Failure detector for one server, driven by the messages that arrive. Uses one timer. */
export interface ServerDetector {
  /** Starts the detector, or changes its times, ms. */
  start(interval: number, timeout: number): void;
  /**
   * A message of the server arrived. Restarts the timer. Chromium throttles the timers of hidden pages, but not those
   * that a message listener starts.
   */
  onMessage(): void;
  /**
   * Requests a ping, for example after a network change. Unless a message arrives within `probeTimeout`, the server is
   * dead. Further calls do not extend the deadline.
   */
  readonly ping: () => void;
  /** The network closed a connection that the client had ended. */
  onClosed(wasClean?: boolean): void;
  /** Stops the detector and its timer. */
  stop(): void;
}

/**
 * Creates a detector that suspects a server after (`interval` + `timeout`) / 2 of silence, and declares it dead after
 * `timeout`. If its timer fires late, this process or page did not run, and the silence proves nothing: the detector
 * then requests a ping and allows `probeTimeout` for the answer.
 */
export function createServerDetector(
  probeTimeout: number,
  adaptive: AdaptiveTimeout,
  act: (action: DetectorAction) => void,
): ServerDetector {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDead = false;
  let interval = 0;
  let timeout = 0;
  /** Silence after which the server is suspect, ms. Zero while the detector is stopped. */
  let suspectAfter = 0;
  /** The largest factor during this silence. A reset by another connection does not shorten a deadline that is set. */
  let factor = 1;
  /** The server is dead without a message until `deadlineFrom` + `allowed` × `factor`. */
  let deadlineFrom = 0;
  let allowed = Infinity;

  const startTimer = (delay: number, onTime: () => void) => {
    const due = performance.now() + delay;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (performance.now() - due < MAX_TIMER_DELAY) return onTime();
      allowed = Infinity;
      ping();
    }, delay);
  };

  /** Time until the deadline, ms. */
  const timeLeft = () => {
    factor = Math.max(factor, adaptive.factor());
    return deadlineFrom + allowed * factor - performance.now();
  };

  const waitForDeadline = () => {
    if (timeLeft() > 0) {
      startTimer(Math.min(timeLeft(), suspectAfter), () => {
        // Timers can fire a fraction of a millisecond early.
        if (timeLeft() > GRACE_PERIOD) act('heartbeat');
        waitForDeadline();
      });
    } else {
      startTimer(GRACE_PERIOD, () => {
        isDead = true;
        adaptive.onDead();
        act('dead');
      });
    }
  };

  const ping = (from = performance.now(), within = probeTimeout) => {
    if (!suspectAfter) return;
    if (from + within * factor < deadlineFrom + allowed * factor) {
      deadlineFrom = from;
      allowed = within;
    }
    waitForDeadline();
    act('ping');
  };

  const onMessage = () => {
    if (!suspectAfter) return;
    adaptive.onMessage(interval);
    const receivedAt = performance.now();
    allowed = Infinity;
    factor = 1;
    startTimer(suspectAfter, () => {
      act('suspect');
      ping(receivedAt, timeout);
    });
  };

  return {
    start(grantedInterval, grantedTimeout) {
      interval = grantedInterval;
      timeout = grantedTimeout;
      suspectAfter = (interval + timeout) / 2;
      onMessage();
    },
    onMessage,
    ping,
    onClosed(wasClean) {
      if (isDead) adaptive.onClosed(wasClean);
    },
    stop() {
      suspectAfter = 0;
      clearTimeout(timer);
    },
  };
}
