import { createClient } from 'graphql-ws';
import { withHeartbeat } from 'nestjs-heartbeat/client';

export function openGraphql(url: string, keepAlive = 10_000, longestWait = 10_000) {
  let unanswered: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url,
    webSocketImpl: withHeartbeat(WebSocket, { hello: false, closeOnFreeze: true }),
    keepAlive,
    retryAttempts: Infinity,
    retryWait: () => new Promise((go) => setTimeout(go, Math.random() * longestWait)),
    shouldRetry: () => true,
    on: {
      ping: (received) => {
        if (!received) unanswered = setTimeout(() => client.terminate(), keepAlive / 2);
      },
      pong: (received) => received && clearTimeout(unanswered),
      closed: () => clearTimeout(unanswered),
    },
  });
  return client;
}
