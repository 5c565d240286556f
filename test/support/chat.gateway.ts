import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';

/** A gateway with nothing special about it. It answers `say` with what was said. */
@WebSocketGateway({ path: '/chat' })
export class ChatGateway {
  @SubscribeMessage('say')
  say(_client: unknown, data: unknown): unknown {
    return { event: 'said', data };
  }
}
