import { useWebSocket } from '@vueuse/core';

export function openChat(url: string, interval = 1_000) {
  return useWebSocket<string>(url, {
    heartbeat: { message: 'ping', responseMessage: 'pong', interval, pongTimeout: 2 * interval },
    autoReconnect: { delay: () => Math.random() * 2 * interval },
  });
}
