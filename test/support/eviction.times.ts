import type { LivenessService } from 'nestjs-heartbeat';

/**
 * Records when a close code was first sent, on `performance.now()`, until the application ends. A client in the same
 * process reads the close frame later, so a shortest time counts from here.
 */
export function evictionTimes({ events$ }: LivenessService): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  events$.subscribe((event) => {
    if (event.type !== 'evicted' || times.has(event.eviction.code)) return;
    times.set(event.eviction.code, performance.now());
  });
  return times;
}
