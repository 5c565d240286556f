import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocket, WebSocketServer } from 'ws';

/**
 * A `WsAdapter` that sends the exceptions of guards to the client, as Nest 12 does. Nest 11 only emits them on the
 * `ws` object of the server, so the client receives nothing, and a test cannot distinguish a refusal from silence.
 */
export class TestAdapter extends WsAdapter {
  override bindClientConnect(
    server: WebSocketServer,
    callback: (client: WebSocket, ...more: unknown[]) => void,
  ): void {
    super.bindClientConnect(server, (client: WebSocket, ...more: unknown[]) => {
      if (process.env['MATRIX_NEST'] === '11') {
        client.on('exception', (data: unknown) =>
          client.send(JSON.stringify({ event: 'exception', data })),
        );
      }
      callback(client, ...more);
    });
  }
}
