import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until something holds that no event tells of, such as that the system has let go of a socket.
 * Returns whether it came to hold within two seconds.
 */
export async function eventually(holds: () => boolean): Promise<boolean> {
  for (const end = performance.now() + 2_000; performance.now() < end; await delay(5)) {
    if (holds()) return true;
  }
  return holds();
}
