import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { ClientCloser } from './client.closer.js';
import { EntryWriter } from './entry.writer.js';
import { LocalPresence } from './local.presence.js';
import { MonitoredClients } from './monitored.clients.js';
import { checkTopic, checkTrack } from './presence.arguments.js';
import { PresenceClock } from './presence.clock.js';
import type { PresenceTrackOptions } from './presence.interfaces.js';
import { RareWarning } from './presence.warnings.js';

/** Tracks clients of this node under keys. */
@Injectable()
export class ClientTracker {
  private readonly warning: RareWarning;
  private isStopped = false;

  constructor(
    private readonly clients: MonitoredClients,
    private readonly local: LocalPresence,
    private readonly writer: EntryWriter,
    private readonly closer: ClientCloser,
    clock: PresenceClock,
  ) {
    this.warning = new RareWarning(clock);
  }

  /** @throws UnknownClientError for a client that was never monitored */
  track(client: WebSocket, key: string, options: PresenceTrackOptions): boolean {
    const checked = checkTrack(key, options);
    if (this.isStopped || !this.clients.isOpen(client)) return false;
    if (checked.refused !== undefined) {
      this.warning.log(() => `track() refused ${checked.refused}. The client is not present.`);
      return false;
    }
    const { entry, former } = this.local.track(client, key, checked, this.writer.nextVersion);
    if (former !== undefined) this.writer.add(former);
    this.writer.add(entry);
    if (checked.exclusive !== undefined) {
      const others = entry.upTo(Infinity).filter((tracked) => tracked.client !== client);
      this.closer.close(others, checked.exclusive);
    }
    return true;
  }

  untrack(client: WebSocket, topic?: string): void {
    if (topic !== undefined) checkTopic('untrack()', topic);
    for (const entry of this.local.untrack(client, topic)) this.writer.add(entry);
  }

  stop(): void {
    this.isStopped = true;
  }
}
