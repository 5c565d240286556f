import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { REQUIRED_LIVENESS } from '../heartbeat.constants.js';
import { invalidArgument } from '../heartbeat.errors.js';
import { HeartbeatGuard } from './heartbeat.guard.js';
import type { LivenessDemand } from './liveness.demand.js';

/**
 * Requires a recent or fast round trip of the client before a handler runs. Applies `HeartbeatGuard`, once, also beside
 * `@UseGuards(HeartbeatGuard)`. A subclass of it in `@UseGuards()` of the handler or its gateway runs instead. On a
 * handler the demand replaces that of its gateway.
 *
 * @param demand at least one demand, in ms above 0
 * @throws TypeError (code `HEARTBEAT_INVALID_ARGUMENT`) if the demand is empty or a value is no number above 0
 * @publicApi
 */
export function RequireLiveness(demand: LivenessDemand): MethodDecorator & ClassDecorator {
  const times = Object.entries(demand ?? {});
  const isMeant = times.every(
    ([key, time]) =>
      (key === 'provenWithin' || key === 'maxRtt') && Number.isFinite(time) && time > 0,
  );
  if (times.length === 0 || !isMeant) {
    throw invalidArgument(
      '@RequireLiveness() takes { provenWithin, maxRtt }, one or both, each a finite number of milliseconds above 0.',
    );
  }
  return applyDecorators(SetMetadata(REQUIRED_LIVENESS, demand), UseGuards(HeartbeatGuard));
}
