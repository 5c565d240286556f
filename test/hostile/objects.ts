import { queryObjects } from 'node:v8';
import { Challenge, Question } from '../../src/gateway/challenge.js';
import { RateLimits } from '../../src/gateway/rate.limits.js';
import { TokenBucket } from '../../src/gateway/token.bucket.js';
import { Backlog, Closing, ConnectionRecord } from '../../src/monitor/connection.record.js';
import { LivenessPolicy } from '../../src/monitor/liveness.policy.js';
import { RoundTripEstimator } from '../../src/monitor/round-trip.estimator.js';

/** All that the module makes for one connection. */
const CLASSES = {
  ConnectionRecord,
  Backlog,
  Closing,
  Challenge,
  Question,
  RateLimits,
  TokenBucket,
  LivenessPolicy,
  RoundTripEstimator,
};

/**
 * How many objects of each class are left in this process once all garbage is gone. Prototypes of
 * subclasses are among them: compare with a count from before.
 */
export function countObjects(): Record<string, number> {
  return Object.fromEntries(
    Object.entries(CLASSES).map(([name, constructor]) => [
      name,
      queryObjects(constructor as never, { format: 'count' }),
    ]),
  );
}
