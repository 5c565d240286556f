import { EventEmitter } from 'node:events';
import type { WebSocketAdapter } from '@nestjs/common';

/** Adapter whose servers are no `ws` servers, but plain event emitters, as those of Socket.IO are. */
export class EventEmitterAdapter implements WebSocketAdapter<EventEmitter, EventEmitter> {
  create(): EventEmitter {
    return new EventEmitter();
  }
  bindClientConnect(server: EventEmitter, callback: (...args: unknown[]) => void): void {
    server.on('connection', callback);
  }
  bindMessageHandlers(): void {}
  close(): void {}
  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
