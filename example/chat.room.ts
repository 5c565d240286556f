import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { WsException } from '@nestjs/websockets';
import { LivenessService } from 'nestjs-heartbeat';
import type { HeartbeatEvent, Liveness } from 'nestjs-heartbeat';
import { PresenceService } from 'nestjs-heartbeat/presence';
import type { WebSocket } from 'ws';
import { SilentClients } from './silent-clients.service.js';

interface Member {
  readonly name: string;
  /** The process ID of a silent client. */
  readonly pid: number | undefined;
}

/** The names of the clients that have joined, and the messages to all clients. */
@Injectable()
export class ChatRoom implements OnModuleInit {
  private readonly members = new WeakMap<WebSocket, Member>();

  constructor(
    private readonly liveness: LivenessService,
    private readonly silentClients: SilentClients,
    private readonly presence: PresenceService,
  ) {}

  /** Sends every heartbeat event to the page. `events$` completes on shutdown, so there is nothing to unsubscribe. */
  onModuleInit() {
    this.liveness.events$.subscribe((event) => {
      this.broadcast('log', this.logEntry(event));
      this.broadcastMembers();
    });
  }

  /** `LivenessService` lists the connected clients, so the room keeps no list of its own. */
  @Interval(250)
  broadcastMembers() {
    const { servers, totals } = this.liveness.snapshot();
    const members = [...this.liveness.clients()].flatMap((liveness) => this.memberView(liveness));
    this.broadcast('members', { members, totals, policy: servers[0]?.policy });
  }

  join(client: WebSocket, body: unknown) {
    const { name, pid } = Object(body) as Record<string, unknown>;
    const member = { name: textOf(name, 24), pid: this.silentClients.pidOf(pid) };
    this.members.set(client, member);
    this.presence.track(client, member.name);
    this.announce(`${member.name} joined.`);
    this.broadcastMembers();
  }

  /** The names of all who are present, on any instance that shares the store. */
  async present(): Promise<string[]> {
    const { entries } = await this.presence.list();
    return entries.map(({ key }) => key);
  }

  /** Evicted clients have been announced by `handleEvict()`. All others left of their own accord. */
  leave(client: WebSocket) {
    const member = this.members.get(client);
    if (member === undefined) return;
    this.silentClients.kill(member.pid);
    if (this.liveness.get(client)?.eviction === undefined) this.announce(`${member.name} left.`);
  }

  say(client: WebSocket, text: unknown) {
    if (!this.members.has(client)) throw new WsException('Join the chat first.');
    this.broadcast('message', { from: this.nameOf(client), text: textOf(text, 500) });
  }

  announce(text: string) {
    this.broadcast('message', { text });
  }

  /** Sends to the clients of this instance. */
  broadcast(event: string, data: object) {
    const message = JSON.stringify({ event, data });
    for (const { client } of this.liveness.clients()) {
      if (this.liveness.isAlive(client)) client.send(message);
    }
  }

  nameOf(client: WebSocket): string {
    return this.members.get(client)?.name ?? 'A visitor';
  }

  private memberView({ client, id, state, silence, rtt }: Liveness): object[] {
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
        return { type, at, ...this.clientOf(liveness), cause, code };
      }
      case 'disconnected':
        return { type, at, ...this.clientOf(event.liveness), code: event.code };
      case 'connected':
      case 'suspect':
      case 'recovered':
      case 'unwatched':
        return { type, at, ...this.clientOf(event.liveness) };
    }
  }

  private clientOf({ client, id, silence }: Liveness): object {
    return { id, name: this.nameOf(client), silence };
  }
}

function textOf(value: unknown, maxLength: number): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') throw new WsException('The text is empty.');
  return text.slice(0, maxLength);
}
