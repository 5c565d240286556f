import { UseGuards } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayDisconnect,
} from '@nestjs/websockets';
import {
  ClientLiveness,
  Heartbeat,
  HeartbeatGuard,
  RequireLiveness,
  type Eviction,
  type Liveness,
  type OnGatewayEvict,
  type OnGatewayRecover,
  type OnGatewaySuspect,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { ChatRoom } from './chat.room.js';
import { isSameOrigin } from './same-origin.js';
import { SilentClients } from './silent-clients.service.js';

// Far shorter than the defaults (25 s and 45 s), so that you can watch it happen.
@Heartbeat({ interval: 2_000, timeout: 5_000 })
@WebSocketGateway({ path: '/chat', maxPayload: 4_096, verifyClient: isSameOrigin })
// Nobody who is being closed gets any work done here, and no new work begins while the server drains.
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

  // Only a client that proved within the last 3 s that it hears us may speak. The heartbeat's own pings
  // are proof enough most of the time; where they are not, the guard pings, and the message waits.
  @RequireLiveness({ provenWithin: 3_000 })
  @SubscribeMessage('say')
  say(@ConnectedSocket() client: WebSocket, @MessageBody() text: unknown) {
    this.room.say(client, text);
  }

  @SubscribeMessage('open-silent-client')
  openSilentClient() {
    this.silentClients.open();
  }

  @SubscribeMessage('freeze')
  freeze(@MessageBody() pid: unknown) {
    this.silentClients.freeze(pid);
  }

  @SubscribeMessage('thaw')
  thaw(@MessageBody() pid: unknown) {
    this.silentClients.thaw(pid);
  }

  handleSuspect(client: WebSocket, { silence }: Liveness) {
    const seconds = (silence / 1_000).toFixed(1);
    this.room.announce(`Is ${this.room.nameOf(client)} still there? Silent for ${seconds} s.`);
  }

  handleRecover(client: WebSocket) {
    this.room.announce(`${this.room.nameOf(client)} is back.`);
  }

  handleEvict(client: WebSocket, { cause }: Eviction) {
    if (cause === 'drain') return;
    this.room.announce(`${this.room.nameOf(client)} is gone: ${cause}.`);
  }

  handleDisconnect(client: WebSocket) {
    this.silentClients.kill(this.room.processOf(client));
  }
}
