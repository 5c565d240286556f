import { Injectable } from '@nestjs/common';
import { PresenceService } from 'nestjs-heartbeat/presence';
import type { WebSocket } from 'ws';

@Injectable()
export class Rooms {
  constructor(private readonly presence: PresenceService) {}

  enter(client: WebSocket, userId: string, room: string) {
    this.presence.track(client, userId, { topic: `room:${room}` });
  }

  leave(client: WebSocket, room: string) {
    this.presence.untrack(client, `room:${room}`);
  }

  /** All members of a room, on any instance. */
  async members(room: string): Promise<string[]> {
    const members: string[] = [];
    let cursor: string | undefined;
    do {
      const page = { limit: 1_000, ...(cursor !== undefined && { cursor }) };
      const list = await this.presence.list(`room:${room}`, page);
      members.push(...list.entries.map(({ key }) => key));
      cursor = list.cursor;
    } while (cursor !== undefined);
    return members;
  }

  /** Shows the members now and after every change. Returns a function that ends it. */
  async follow(room: string, show: (members: ReadonlySet<string>) => void) {
    const members = new Set<string>();
    const changes = this.presence.changes(`room:${room}`).subscribe(({ joined, left }) => {
      for (const key of joined) members.add(key);
      for (const key of left) members.delete(key);
      show(members);
    });
    try {
      for (const key of await this.members(room)) members.add(key);
    } catch (error) {
      changes.unsubscribe();
      throw error;
    }
    show(members);
    return () => changes.unsubscribe();
  }
}
