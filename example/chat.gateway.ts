import { UseGuards } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { OnGatewayDisconnect } from '@nestjs/websockets';
import { ClientLiveness, Heartbeat, HeartbeatGuard, RequireLiveness } from 'nestjs-heartbeat';
import type {
  Eviction,
  Liveness,
  OnGatewayEvict,
  OnGatewayRecover,
  OnGatewaySuspect,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { ChatRoom } from './chat.room.js';
import { isSameOrigin } from './same-origin.js';
import { SilentClients } from './silent-clients.service.js';

// Much shorter than the defaults (25 s and 45 s), so that the demo shows every step within seconds.
@Heartbeat({ interval: 2_000, timeout: 5_000 })
@WebSocketGateway({ path: '/chat', maxPayload: 4_096, verifyClient: isSameOrigin })
// Refuses messages of clients that are being closed, and all messages while the server drains.
@UseGuards(HeartbeatGuard)
export class ChatGateway
  implements OnGatewayDisconnect, OnGatewaySuspect, OnGatewayRecover, OnGatewayEvict
{
  constructor(
    private readonly room: ChatRoom,
    private readonly silentClients: SilentClients,
  ) {}

  @SubscribeMessage('join')
  join(
    @ConnectedSocket() client: WebSocket,
    @ClientLiveness() { id }: Liveness,
    @MessageBody() body: unknown,
  ) {
    this.room.join(client, body);
    return { event: 'joined', data: id };
  }

  // Requires a round trip within the last 3 s. If there was none, the guard pings the client
  // and calls the handler after the pong.
  @RequireLiveness({ provenWithin: 3_000 })
  @SubscribeMessage('say')
  say(@ConnectedSocket() client: WebSocket, @MessageBody() text: unknown) {
    this.room.say(client, text);
  }

  @SubscribeMessage('who')
  async who() {
    return { event: 'present', data: await this.room.present() };
  }

  @SubscribeMessage('open-silent-client')
  openSilentClient() {
    this.silentClients.open();
  }

  @SubscribeMessage('stop-client')
  stopClient(@MessageBody() pid: unknown) {
    this.silentClients.stop(pid);
  }

  @SubscribeMessage('resume-client')
  resumeClient(@MessageBody() pid: unknown) {
    this.silentClients.resume(pid);
  }

  handleSuspect(client: WebSocket, { silence }: Liveness) {
    const seconds = (silence / 1_000).toFixed(1);
    this.room.announce(`${this.room.nameOf(client)} is suspect: silent for ${seconds} s.`);
  }

  handleRecover(client: WebSocket) {
    this.room.announce(`${this.room.nameOf(client)} is alive again.`);
  }

  handleEvict(client: WebSocket, { cause }: Eviction) {
    if (cause === 'drain') return;
    this.room.announce(`${this.room.nameOf(client)} was evicted: ${cause}.`);
  }

  handleDisconnect(client: WebSocket) {
    this.room.leave(client);
  }
}
