import type { WebSocket } from 'ws';

/** Blocks this thread for `duration` ms, as a long computation does, but without CPU load. */
export function block(duration: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration);
}

/**
 * Blocks this thread for `duration` ms. The client receives a
 * message at the start, and one with the real duration at the end.
 */
export function blockFor(client: WebSocket, duration: number): void {
  const send = (data: number) => client.send(JSON.stringify({ event: 'blocked', data }));
  send(0);
  const start = performance.now();
  block(duration);
  send(performance.now() - start);
}
