import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { PRESENCE_STATE } from '../heartbeat.constants.js';
import type { PresenceState } from '../heartbeat.presence.interfaces.js';
import { LivenessService } from '../liveness/liveness.service.js';
import type { DashboardOverview } from './dashboard.interfaces.js';
import { DASHBOARD_OPTIONS, type ResolvedDashboardOptions } from './dashboard.options.js';
import { DashboardMinutes } from './minutes.js';
import { packageVersion } from './package.version.js';

/** Reads `data/overview`. */
@Injectable()
export class Overview {
  readonly instance: DashboardOverview['instance'];
  private readonly version = packageVersion();

  constructor(
    private readonly liveness: LivenessService,
    private readonly minutes: DashboardMinutes,
    @Inject(DASHBOARD_OPTIONS) private readonly options: ResolvedDashboardOptions,
    @Inject(HEARTBEAT_CLOCK) clock: HeartbeatClock,
    // Without `PresenceModule` there is none.
    @Optional() @Inject(PRESENCE_STATE) private readonly presence?: PresenceState,
  ) {
    this.instance = Object.freeze({
      id: presence?.node ?? `${hostname()}-${randomBytes(4).toString('hex')}`,
      startedAt: clock.wallTime(),
    });
  }

  read(): DashboardOverview {
    const snapshot = this.liveness.snapshot();
    return {
      at: snapshot.at,
      instance: this.instance,
      version: this.version,
      snapshot,
      minutes: this.minutes.until(snapshot),
      actions: this.options.actions,
      ...(this.presence && { instances: this.presence.nodes }),
      ages: this.minutes.ages,
    };
  }
}
