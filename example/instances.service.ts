import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { PresenceService } from 'nestjs-heartbeat/presence';
import { ChatRoom } from './chat.room.js';

/** Sends the clients of this instance the people of each instance. */
@Injectable()
export class Instances {
  constructor(
    private readonly presence: PresenceService,
    private readonly room: ChatRoom,
  ) {}

  @Interval(500)
  async broadcast() {
    // While the store is away, the page keeps what it knows.
    if (this.presence.state === 'stale') return;
    const [nodes, { entries }] = await Promise.all([this.presence.nodes(), this.presence.list()]);
    const instances = nodes.map(({ id, self, draining }) => {
      const people = entries.filter(({ on }) => on.some(({ node }) => node === id));
      return { id, self, draining, people: people.map(({ key }) => key) };
    });
    this.room.broadcast('instances', instances);
  }
}
