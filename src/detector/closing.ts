import type { ConnectionTransport } from './connection.transport.js';
import type { DetectorTime } from './detector.time.js';

/** Time after which a termination is repeated, if the connection still exists. Milliseconds. */
const TERMINATE_AGAIN = 1_000;
/** The longest time between two checks while bytes wait in the socket. Milliseconds. */
export const BLOCKED_CHECK = 1_000;

/** What a check of a closing connection decides. */
export type ClosingStep = 'wait' | 'terminate' | 'release' | 'terminate-and-release';

/** A connection that is being closed, whichever side began. Real time, whole ms. */
export class Closing {
  private flushedBytes: number;
  /** When the connection is terminated, unless the kernel takes bytes before. */
  private terminateAt: number;
  private nextCheckAt: number;

  /**
   * @param transport the connection
   * @param real when the closing began, or was found
   * @param closeTimeout how long the kernel may take none of our bytes
   * @param isTerminated whether the connection is terminated right away
   */
  constructor(
    transport: ConnectionTransport,
    real: number,
    closeTimeout: number,
    private isTerminated = false,
  ) {
    this.flushedBytes = transport.bytesFlushed;
    this.terminateAt = Math.ceil(real + (isTerminated ? TERMINATE_AGAIN : closeTimeout));
    this.nextCheckAt = this.terminateAt;
  }

  /** When the connection is checked next. */
  get checkAt(): number {
    return this.nextCheckAt;
  }

  /** The close frame was handed to the socket: bytes that the kernel takes from now on are progress. */
  onCloseFrameSent(transport: ConnectionTransport, time: DetectorTime, closeTimeout: number): void {
    this.flushedBytes = transport.bytesFlushed;
    this.plan(transport, time, closeTimeout);
  }

  /** Releases a closed connection. Terminates one whose kernel took none of our bytes for `closeTimeout`. */
  check(transport: ConnectionTransport, time: DetectorTime, closeTimeout: number): ClosingStep {
    const { bytesFlushed } = transport;
    if (!this.isTerminated && (bytesFlushed > this.flushedBytes || isCompressing(transport))) {
      // The kernel may have taken them just now, long after the tick.
      this.terminateAt = time.realReached + closeTimeout;
    }
    this.flushedBytes = bytesFlushed;
    const step = transport.isClosed ? 'release' : this.terminateIfDue(time.real);
    this.plan(transport, time, closeTimeout);
    return step;
  }

  /** A connection that was terminated before without success is also released. */
  private terminateIfDue(real: number): ClosingStep {
    if (real < this.terminateAt) return 'wait';
    const step = this.isTerminated ? 'terminate-and-release' : 'terminate';
    this.isTerminated = true;
    this.terminateAt = real + TERMINATE_AGAIN;
    return step;
  }

  /** While bytes wait, checks come often enough to notice soon that some were taken. */
  private plan(transport: ConnectionTransport, time: DetectorTime, closeTimeout: number): void {
    const soon = Math.min(BLOCKED_CHECK, Math.ceil(closeTimeout / 4));
    this.nextCheckAt = transport.isFlushed
      ? this.terminateAt
      : Math.min(this.terminateAt, time.real + soon);
  }
}

/** The client has nothing to take: what is left is still being compressed by this process. */
function isCompressing({ bufferedBytes, isFlushed }: ConnectionTransport): boolean {
  return bufferedBytes === 0 && !isFlushed;
}
