// Counts from tick to tick how many pings are sent. Settings: the module's options.
import { EventEmitter, once } from 'node:events';
import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import type { WebSocketServer as Server } from 'ws';
import { sharedNow } from '../support/cpu-wait.js';
import { answer, settings } from '../support/programs/answers.mjs';
import { serve } from '../support/programs/serve.js';

/** What happened from one tick to the next. */
export interface TickCount {
  pings: number;
  /** When it ended, on the clock that all processes share. */
  at: number;
}

const counts: TickCount[] = [];
const changes = new EventEmitter().setMaxListeners(0);

@WebSocketGateway()
class NewsGateway {
  replies = 0;

  @WebSocketServer()
  readonly server!: Server;

  @SubscribeMessage('thanks')
  thanks(): void {
    this.replies++;
    changes.emit('change');
  }
}

/** The module's tick is the only interval that starts after this. */
function countOnEachInterval(count: () => number): void {
  const { setInterval } = globalThis;
  let before = 0;
  const counting = (callback: () => void, delay?: number) =>
    setInterval(() => {
      const now = count();
      counts.push({ pings: now - before, at: sharedNow() });
      before = now;
      callback();
      changes.emit('change');
    }, delay);
  globalThis.setInterval = counting;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await once(changes, 'change');
}

countOnEachInterval(() => liveness.snapshot().totals.pings);
const { app, url } = await serve({
  imports: [HeartbeatModule.forRoot(settings as HeartbeatModuleOptions)],
  providers: [NewsGateway],
});
const liveness = app.get(LivenessService);
const gateway = app.get(NewsGateway);

answer({
  url: () => url,
  snapshot: () => liveness.snapshot(),

  /** How many ticks there were. */
  ticks: () => counts.length,

  /** Waits for so many more ticks. Returns what was counted at each from number `from` on. */
  counts: async (from: number, more: number) => {
    const end = counts.length + more;
    await until(() => counts.length >= end);
    return counts.slice(from, end);
  },

  /** Broadcasts a message, and waits until the given number of clients have answered. */
  broadcast: async (replies: number) => {
    gateway.replies = 0;
    for (const client of gateway.server.clients) client.send('{"event":"news"}');
    await until(() => gateway.replies >= replies);
  },
});
