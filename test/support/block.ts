import type { WebSocket } from 'ws';

/**
 * Blocks this thread for so many ms, as a long computation would, but without the heat. The client hears
 * when it begins and how long it was.
 */
export function blockFor(client: WebSocket, duration: number): void {
  const tell = (data: number) => client.send(JSON.stringify({ event: 'blocked', data }));
  tell(0);
  const start = performance.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration);
  tell(performance.now() - start);
}
