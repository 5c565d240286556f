import type { HeartbeatEvent } from 'nestjs-heartbeat';
import { Subject } from 'rxjs';
import type { WebSocket } from 'ws';
import type { MonitoredClients } from '../../../src/presence/monitored.clients.js';

/** The clients of one node, in place of `MonitoredClients`. They have no sockets. */
export class NodeClients {
  readonly events$ = new Subject<HeartbeatEvent>();
  private readonly open = new Map<number, WebSocket>();
  private readonly connected = new Set<WebSocket>();

  /** The client in a slot. It connects if the slot is free. */
  at(slot: number): WebSocket {
    let client = this.open.get(slot);
    if (client === undefined) {
      client = {} as WebSocket;
      this.open.set(slot, client);
      this.connected.add(client);
    }
    return client;
  }

  disconnect(slot: number): void {
    const client = this.open.get(slot);
    if (client === undefined) return;
    this.open.delete(slot);
    this.connected.delete(client);
    this.events$.next({ type: 'disconnected', client } as HeartbeatEvent);
  }

  isOpen(client: WebSocket): boolean {
    return this.connected.has(client);
  }

  async drain(): Promise<void> {
    for (const slot of this.open.keys()) this.disconnect(slot);
  }

  /** The part of it that the module uses. */
  asMonitored(): MonitoredClients {
    return this as unknown as MonitoredClients;
  }
}
