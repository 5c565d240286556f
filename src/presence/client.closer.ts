import { Injectable } from '@nestjs/common';
import { EntryWriter } from './entry.writer.js';
import type { TrackedClient } from './local.entry.js';
import { LocalPresence } from './local.presence.js';
import { MonitoredClients } from './monitored.clients.js';
import type { CheckedCloseFrame } from './presence.arguments.js';

/** Closes tracked clients of this node. They are no longer tracked at once, before their connection has ended. */
@Injectable()
export class ClientCloser {
  constructor(
    private readonly clients: MonitoredClients,
    private readonly local: LocalPresence,
    private readonly writer: EntryWriter,
  ) {}

  /** Returns how many clients were closed. */
  close(tracked: readonly TrackedClient[], frame: CheckedCloseFrame): number {
    const clients = new Set(tracked.map(({ client }) => client));
    for (const client of clients) {
      for (const entry of this.local.untrack(client)) this.writer.add(entry);
      this.clients.close(client, frame);
    }
    return clients.size;
  }
}
