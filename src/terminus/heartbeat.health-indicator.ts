import {
  Inject,
  Injectable,
  Optional,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { Subscription } from 'rxjs';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import { PRESENCE_STATE } from '../heartbeat.constants.js';
import type { PresenceState } from '../heartbeat.presence.interfaces.js';
import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';
import { LivenessService } from '../liveness/liveness.service.js';
import { StallMemory } from './stall.memory.js';

/** A shorter stall does not degrade readiness, by default. Milliseconds. */
const STALL = 1_000;
/** How long a stall degrades readiness, by default. Milliseconds. */
const STALLED_WITHIN = 60_000;
/** The time without a tick after which the process counts as broken: the longer of both. Milliseconds, and ticks. */
const MISSING_TIME = 1_000;
const MISSING_TICKS = 20;

/** Makes the results for one key. */
interface Session<K extends string> {
  up(data: Record<string, unknown>): HealthIndicatorResult<K>;
  /** Since Terminus 12. */
  degraded?(data: Record<string, unknown>): HealthIndicatorResult<K>;
  down(data: Record<string, unknown>): HealthIndicatorResult<K>;
}

/**
 * Health indicator for `@nestjs/terminus` 11 and 12. Add it to the providers of the module that imports
 * `TerminusModule`.
 *
 * Both methods return the data `{ alive, suspect, evicted, draining, stalls }`: the numbers of clients by state, whether
 * the server drains or shuts down, and the number of stalls since the start. A result that is not plainly `up` has a
 * `reason`. What clients do never changes the status.
 *
 * @publicApi
 */
@Injectable()
export class HeartbeatHealthIndicator implements OnModuleInit, OnModuleDestroy {
  private readonly stalls: StallMemory;
  private subscription: Subscription | undefined;
  private health: HealthIndicatorService | undefined;
  private isShuttingDown = false;

  /** @internal */
  constructor(
    private readonly liveness: LivenessService,
    private readonly moduleRef: ModuleRef,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
    // Without `PresenceModule` there is none.
    @Optional() @Inject(PRESENCE_STATE) private readonly presence?: PresenceState,
  ) {
    this.stalls = new StallMemory(clock);
  }

  /** @internal */
  async onModuleInit(): Promise<void> {
    const terminus = await import('@nestjs/terminus');
    this.health = this.moduleRef.get(terminus.HealthIndicatorService, { strict: false });
    this.subscription = this.liveness.events$.subscribe((event) => {
      if (event.type === 'stalled') this.stalls.add(event.duration);
    });
  }

  /** @internal */
  onModuleDestroy(): void {
    this.isShuttingDown = true;
    this.subscription?.unsubscribe();
  }

  /**
   * Whether this process should receive new connections, for readiness probes.
   *
   * - `down`, reason `draining`: from the call of `drain()` or of `app.close()` on.
   * - `degraded`, reason `stalled`: after a long stall of the event loop. The HTTP status stays 200. With Terminus 11,
   *   which has no such status, the result is `up` with `degraded: true`.
   * - `degraded`, reason `presence`: the store of `PresenceModule` does not answer.
   *
   * @param key the name of the result
   * @param limits `stall`: the shortest stall that counts, in ms, default 1 000; `stalledWithin`: how long it counts
   * after its end, in ms, default 60 000
   */
  isReady<K extends string>(
    key: K,
    limits: { stall?: number; stalledWithin?: number } = {},
  ): HealthIndicatorResult<K> {
    const session = this.check(key);
    const data = this.dataOf(this.liveness.snapshot());
    if (data.draining) return session.down({ ...data, reason: 'draining' });
    const reason = this.findImpairment(limits);
    if (reason === undefined) return session.up(data);
    return (
      session.degraded?.({ ...data, reason }) ?? session.up({ ...data, degraded: true, reason })
    );
  }

  /**
   * Whether this process works, for liveness probes. `down`, reason `tick`, only if connections are open, no drain
   * runs, and the timer that checks them did not run for 1 s or 20 ticks, whichever is longer, although the event loop
   * was served.
   *
   * @param key the name of the result
   */
  async isAlive<K extends string>(key: K): Promise<HealthIndicatorResult<K>> {
    const session = this.check(key);
    let snapshot = this.liveness.snapshot();
    if (this.isTickMissing(snapshot)) {
      // A tick that is due runs before a timer that is due later. It is late after a stall, and seems late after the
      // system clock was set forward.
      const { tick } = snapshot;
      await new Promise<void>((resolve) => this.clock.setTimeout(resolve, tick + 1));
      snapshot = this.liveness.snapshot();
    }
    const data = this.dataOf(snapshot);
    return this.isTickMissing(snapshot)
      ? session.down({ ...data, reason: 'tick' })
      : session.up(data);
  }

  private check<K extends string>(key: K): Session<K> {
    if (this.health === undefined)
      throw new Error(
        'HeartbeatHealthIndicator was used before the application was initialised. Await app.init() or app.listen() first.',
      );
    return this.health.check(key);
  }

  /** Why this process is ready, but impaired. */
  private findImpairment({
    stall = STALL,
    stalledWithin = STALLED_WITHIN,
  }): 'stalled' | 'presence' | undefined {
    if (this.stalls.hasRecent(stall, stalledWithin)) return 'stalled';
    return this.presence?.state === 'stale' ? 'presence' : undefined;
  }

  private isTickMissing({ at, lastTickAt, tick, draining }: HeartbeatSnapshot): boolean {
    if (this.liveness.size === 0 || draining || this.isShuttingDown) return false;
    return at - lastTickAt > Math.max(MISSING_TIME, MISSING_TICKS * tick);
  }

  /** Counts only: health endpoints are often public. */
  private dataOf({ servers, draining, totals }: HeartbeatSnapshot) {
    const sum = (state: 'alive' | 'suspect' | 'evicted') =>
      servers.reduce((count, server) => count + server[state], 0);
    return {
      alive: sum('alive'),
      suspect: sum('suspect'),
      evicted: sum('evicted'),
      draining: draining || this.isShuttingDown,
      stalls: totals.stalls,
    };
  }
}
