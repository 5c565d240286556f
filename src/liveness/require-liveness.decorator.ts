import { SetMetadata } from '@nestjs/common';
import { REQUIRED_LIVENESS } from '../heartbeat.constants.js';

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

/**
 * Demands more of a client than to be there, before a message handler runs. Only works together with
 * `@UseGuards(HeartbeatGuard)`. On a handler it replaces that of its gateway.
 *
 * @param demand at least one demand, in ms above 0
 * @throws TypeError where the demand is none, or no number of ms
 * @publicApi
 */
export function RequireLiveness(demand: LivenessDemand): MethodDecorator & ClassDecorator {
  const times = Object.entries(demand ?? {});
  const isMeant = times.every(
    ([key, time]) =>
      (key === 'provenWithin' || key === 'maxRtt') && Number.isFinite(time) && time > 0,
  );
  if (times.length === 0 || !isMeant) {
    throw new TypeError(
      '@RequireLiveness() takes { provenWithin, maxRtt }, one or both, each a finite number of milliseconds above 0.',
    );
  }
  return SetMetadata(REQUIRED_LIVENESS, demand);
}
