import { Injectable } from '@nestjs/common';
import { PresenceService } from 'nestjs-heartbeat/presence';
import type { WebSocket } from 'ws';

@Injectable()
export class SingleSessions {
  constructor(private readonly presence: PresenceService) {}

  /** Call this once the user is authenticated. */
  begin(client: WebSocket, userId: string) {
    this.presence.track(client, userId, { exclusive: true });
  }
}
