import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocket, WebSocketServer } from 'ws';

/**
 * The `WsAdapter`, which also sends what a guard throws. Nest 12 sends it by itself; Nest 11 only emits it on the
 * server's own `ws` object, where no client hears it, and a test could not tell a refusal from silence.
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
