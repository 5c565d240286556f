import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { WsException } from '@nestjs/websockets';
import { LivenessService, type HeartbeatEvent, type Liveness } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { SilentClients } from './silent-clients.service.js';

interface Member {
  readonly name: string;
  /** The process of a silent client. */
  readonly pid: number | undefined;
}

/** Who is in the chat, and what everyone is told of it. */
@Injectable()
export class ChatRoom implements OnModuleInit {
  private readonly members = new WeakMap<WebSocket, Member>();

  constructor(
    private readonly liveness: LivenessService,
    private readonly silentClients: SilentClients,
  ) {}

  /** The event log of the page. `events$` completes on shutdown: there is nothing to unsubscribe. */
  onModuleInit() {
    this.liveness.events$.subscribe((event) => {
      this.broadcast('log', this.logEntry(event));
      this.showWhoIsThere();
    });
  }

  /** The module keeps no list for us to maintain: it knows who is there. */
  @Interval(250)
  showWhoIsThere() {
    const { servers, totals } = this.liveness.snapshot();
    const people = [...this.liveness.clients()].flatMap((liveness) => this.person(liveness));
    this.broadcast('people', { people, totals, policy: servers[0]?.policy });
  }

  join(client: WebSocket, body: unknown) {
    const { name, pid } = Object(body) as Record<string, unknown>;
    const member = { name: textOf(name, 24), pid: this.silentClients.pidOf(pid) };
    this.members.set(client, member);
    this.announce(`${member.name} joined.`);
    this.showWhoIsThere();
  }

  say(client: WebSocket, text: unknown) {
    if (!this.members.has(client)) throw new WsException('Join first.');
    this.broadcast('message', { from: this.nameOf(client), text: textOf(text, 500) });
  }

  announce(text: string) {
    this.broadcast('message', { text });
  }

  nameOf(client: WebSocket): string {
    return this.members.get(client)?.name ?? 'A visitor';
  }

  processOf(client: WebSocket): number | undefined {
    return this.members.get(client)?.pid;
  }

  private broadcast(event: string, data: object) {
    const message = JSON.stringify({ event, data });
    for (const { client } of this.liveness.clients()) {
      if (this.liveness.isAlive(client)) client.send(message);
    }
  }

  private person({ client, id, state, silence, rtt }: Liveness): object[] {
    const member = this.members.get(client);
    if (member === undefined) return [];
    const isStopped = this.silentClients.isStopped(member.pid);
    return [{ id, ...member, isStopped, state, silence, rtt: rtt?.last }];
  }

  private logEntry(event: HeartbeatEvent): object {
    const { type, at } = event;
    switch (event.type) {
      case 'stalled':
        return { type, at, duration: event.duration };
      case 'draining':
        return { type, at, clients: event.clients };
      case 'evicted': {
        const { cause, code, liveness } = event.eviction;
        return { type, at, ...this.who(liveness), cause, code };
      }
      case 'disconnected':
        return { type, at, ...this.who(event.liveness), code: event.code };
      case 'connected':
      case 'suspect':
      case 'recovered':
      case 'unwatched':
        return { type, at, ...this.who(event.liveness) };
    }
  }

  private who({ client, id, silence }: Liveness): object {
    return { id, name: this.nameOf(client), silence };
  }
}

function textOf(value: unknown, longest: number): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') throw new WsException('There is nothing in it.');
  return text.slice(0, longest);
}
