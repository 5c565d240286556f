import type { Eviction } from '../heartbeat.interfaces.js';
import type { CloseOrigin } from './close.origin.js';
import type { PendingMessagePing } from './pending.pings.js';
import type { RateLimits } from './rate.limits.js';

/** What few connections need. It is made on demand, so that the others are small: docs/PERFORMANCE.md. */
export class ConnectionExtras {
  pendingMessagePing: PendingMessagePing | undefined;
  /** Pings by message sent, less answers received. */
  expectedMessagePongs = 0;
  label: string | undefined;
  eviction: Eviction | undefined;
  isTerminated = false;
  rates: RateLimits | undefined;
  id: string | undefined;
  origin: CloseOrigin | undefined;
}
