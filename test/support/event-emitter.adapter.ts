import { EventEmitter } from 'node:events';
import type { WebSocketAdapter } from '@nestjs/common';

/** An adapter whose servers are plain event emitters instead of `ws` servers, as those of Socket.IO are. */
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
