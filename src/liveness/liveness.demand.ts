/**
 * The demands of `@RequireLiveness()` on a client. Milliseconds.
 *
 * @publicApi
 */
export interface LivenessDemand {
  /** The last proven round trip ended at most this long ago. Otherwise the guard probes the client and waits. */
  readonly provenWithin?: number;
  /** The newest round trip took at most this long. */
  readonly maxRtt?: number;
}
