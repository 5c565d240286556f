import { queryObjects } from 'node:v8';
import { PendingPing, PendingMessagePing } from '../../src/transport/pending.pings.js';
import { RateLimits } from '../../src/transport/rate.limits.js';
import { TokenBucket } from '../../src/transport/token.bucket.js';
import { WsConnection } from '../../src/transport/ws.connection.js';
import { Backlog } from '../../src/detector/backlog.js';
import { Closing } from '../../src/detector/closing.js';
import { MessagePings } from '../../src/detector/message.pings.js';
import { RareState } from '../../src/detector/rare.state.js';
import { DetectorPolicy } from '../../src/detector/detector.policy.js';

/** The classes of which the module creates objects for a connection. */
const CLASSES = {
  WsConnection,
  RareState,
  MessagePings,
  Backlog,
  Closing,
  PendingPing,
  PendingMessagePing,
  RateLimits,
  TokenBucket,
  DetectorPolicy,
};

/**
 * Counts the objects of each class in this process after a garbage collection. The count includes the
 * prototypes of subclasses: compare it with an earlier count.
 */
export function countObjects(): Record<string, number> {
  return Object.fromEntries(
    Object.entries(CLASSES).map(([name, constructor]) => [
      name,
      queryObjects(constructor as never, { format: 'count' }),
    ]),
  );
}
