import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { withHeartbeat } from 'nestjs-heartbeat/client';
import type { AppRouter } from './trpc.gateway.js';

export function openTrpc(url: string, intervalMs = 10_000, longestWait = 10_000) {
  const connection = createWSClient({
    url,
    WebSocket: withHeartbeat(WebSocket, { hello: false, closeOnFreeze: true }),
    keepAlive: { enabled: true, intervalMs, pongTimeoutMs: intervalMs / 2 },
    retryDelayMs: () => Math.random() * longestWait,
  });
  const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: connection })] });
  return { client, connection };
}
