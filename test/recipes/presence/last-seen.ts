import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PresenceService } from 'nestjs-heartbeat/presence';

/** The option `linger` of `PresenceModule`. */
const LINGER = 5_000;

@Injectable()
export class LastSeen implements OnModuleInit {
  /** In place of a table of your database. */
  private readonly times = new Map<string, Date>();

  constructor(private readonly presence: PresenceService) {}

  onModuleInit() {
    this.presence.changes().subscribe(({ left }) => {
      for (const userId of left) this.times.set(userId, new Date(Date.now() - LINGER));
    });
  }

  /** `'now'` for a user who is connected to any instance. */
  async of(userId: string): Promise<Date | 'now' | undefined> {
    return (await this.presence.isPresent(userId)) ? 'now' : this.times.get(userId);
  }
}
