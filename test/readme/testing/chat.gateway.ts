import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { LivenessService } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';

@WebSocketGateway({ path: '/chat' })
export class ChatGateway {
  constructor(private readonly liveness: LivenessService) {}

  @SubscribeMessage('status')
  status(@ConnectedSocket() client: WebSocket) {
    const state = this.liveness.get(client)?.state;
    return { event: 'status', data: { clients: this.liveness.size, state } };
  }

  @SubscribeMessage('remind')
  remind(@ConnectedSocket() client: WebSocket) {
    setTimeout(() => client.send('{"event":"reminder"}'), 60_000);
    return { event: 'reminding' };
  }
}
