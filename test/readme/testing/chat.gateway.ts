import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { LivenessService, RequireLiveness } from 'nestjs-heartbeat';
import type { Eviction, OnGatewayEvict } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';

@WebSocketGateway({ path: '/chat' })
export class ChatGateway implements OnGatewayEvict {
  readonly evicted: string[] = [];

  constructor(private readonly liveness: LivenessService) {}

  @SubscribeMessage('status')
  status(@ConnectedSocket() client: WebSocket) {
    const state = this.liveness.get(client)?.state;
    return { event: 'status', data: { clients: this.liveness.size, state } };
  }

  @RequireLiveness({ provenWithin: 10_000 })
  @SubscribeMessage('order')
  order(@MessageBody() order: unknown) {
    return { event: 'ordered', data: order };
  }

  @SubscribeMessage('remind')
  remind(@ConnectedSocket() client: WebSocket) {
    setTimeout(() => client.send('{"event":"reminder"}'), 60_000);
    return { event: 'reminding' };
  }

  handleEvict(_client: WebSocket, { cause }: Eviction) {
    this.evicted.push(cause);
  }
}
