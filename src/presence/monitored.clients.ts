import { Inject, Injectable, Optional } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { WebSocket } from 'ws';
import { HEARTBEAT_OPTIONS } from '../heartbeat.constants.js';
import { UnknownClientError } from '../heartbeat.errors.js';
import type { HeartbeatEvent } from '../heartbeat.interfaces.js';
import type { ResolvedHeartbeatOptions } from '../heartbeat.options.js';
import { LivenessGate } from '../liveness/liveness.gate.js';
import { LivenessService } from '../liveness/liveness.service.js';
import type { CheckedCloseFrame } from './presence.arguments.js';
import { PresenceOptionsError } from './presence.errors.js';

/** What presence needs of `HeartbeatModule`. */
@Injectable()
export class MonitoredClients {
  private readonly liveness: LivenessService;
  private readonly gate: LivenessGate;
  private readonly drains: boolean;

  constructor(
    @Optional() liveness?: LivenessService,
    @Optional() gate?: LivenessGate,
    @Optional() @Inject(HEARTBEAT_OPTIONS) options?: ResolvedHeartbeatOptions,
  ) {
    if (liveness === undefined || gate === undefined || options === undefined) {
      throw new PresenceOptionsError(
        'PresenceModule needs HeartbeatModule. Import HeartbeatModule.forRoot() in the root module, too.',
      );
    }
    this.liveness = liveness;
    this.gate = gate;
    this.drains = options.drain !== false;
  }

  get events$(): Observable<HeartbeatEvent> {
    return this.liveness.events$;
  }

  /**
   * Whether a client is connected and not being closed.
   *
   * @throws UnknownClientError for a client that was never monitored
   */
  isOpen(client: WebSocket): boolean {
    if (this.liveness.isAlive(client)) return true;
    if (this.liveness.get(client) !== undefined || this.gate.isGone(client)) return false;
    throw new UnknownClientError('track', 'PresenceService');
  }

  close(client: WebSocket, frame: CheckedCloseFrame): void {
    this.liveness.disconnect(client, frame);
  }

  /** Waits until the clients have left, unless `drain` is off. The drain runs once, whichever module begins it. */
  async drain(): Promise<void> {
    if (this.drains) await this.liveness.drain();
  }
}
