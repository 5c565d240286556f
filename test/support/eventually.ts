import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls a condition that no event reports, such as that the system has released a socket. Returns whether it became
 * true within two seconds.
 */
export async function eventually(holds: () => boolean): Promise<boolean> {
  for (const end = performance.now() + 2_000; performance.now() < end; await delay(5)) {
    if (holds()) return true;
  }
  return holds();
}
