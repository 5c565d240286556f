import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Runs an operation on a socket, which may throw. */
type Attempt = (name: string, operation: () => void) => void;

/**
 * Ends a connection without a closing handshake. A TCP socket is reset, because the kernel would otherwise keep it for
 * minutes if the client is unreachable. Other sockets cannot be reset: Node.js throws for pipes and TLS.
 */
export function terminate(client: WebSocket, socket: Socket | undefined, attempt: Attempt): void {
  const isTcp = socket?.remoteFamily !== undefined && !('encrypted' in socket);
  if (isTcp && !socket.destroyed) attempt('reset', () => socket.resetAndDestroy());
  attempt('terminate()', () => client.terminate());
  if (socket?.destroyed === false) attempt('destroy()', () => socket.destroy());
}
