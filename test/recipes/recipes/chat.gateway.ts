import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat } from 'nestjs-heartbeat';

@Heartbeat({ liveness: 'application', clientHeartbeats: { ping: 'pong' } })
@WebSocketGateway({ path: '/chat' })
export class ChatGateway {
  @SubscribeMessage('say')
  say(_client: unknown, data: unknown): unknown {
    return { event: 'said', data };
  }
}
