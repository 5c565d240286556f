import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';

/** A minimal gateway. It has one event, whose data it sends back. */
@WebSocketGateway({ path: '/chat' })
export class ChatGateway {
  @SubscribeMessage('say')
  reply(_client: unknown, data: unknown): unknown {
    return { event: 'said', data };
  }
}
