import { Injectable } from '@nestjs/common';
import { LivenessService } from '../liveness/liveness.service.js';
import { EntryWriter } from './entry.writer.js';
import type { TrackedClient } from './local.entry.js';
import { LocalPresence } from './local.presence.js';
import type { CheckedCloseFrame } from './presence.arguments.js';

/** Closes tracked clients of this node. They are no longer tracked at once, before their connection has ended. */
@Injectable()
export class ClientCloser {
  constructor(
    private readonly liveness: LivenessService,
    private readonly local: LocalPresence,
    private readonly writer: EntryWriter,
  ) {}

  /** Returns how many clients were closed. */
  close(tracked: readonly TrackedClient[], frame: CheckedCloseFrame): number {
    const clients = new Set(tracked.map(({ client }) => client));
    for (const client of clients) {
      for (const entry of this.local.untrack(client)) this.writer.add(entry);
      this.liveness.disconnect(client, frame);
    }
    return clients.size;
  }
}
