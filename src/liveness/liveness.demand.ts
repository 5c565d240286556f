/**
 * What `@RequireLiveness()` can demand of a client. Milliseconds.
 *
 * @publicApi
 */
export interface LivenessDemand {
  /** The last proven round trip ended at most so long ago; else the guard probes the client and waits. */
  readonly provenWithin?: number;
  /** The newest round trip took at most so long. */
  readonly maxRtt?: number;
}
