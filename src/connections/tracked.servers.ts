import type { WebSocket, WebSocketServer } from 'ws';
import type { MonitoredServer } from '../transport/monitored.server.js';

/** A server whose connections are tracked. */
export interface TrackedServer {
  /** Unique among the tracked servers. */
  readonly name: string;
  readonly monitored: MonitoredServer;
}

/** The servers whose connections are tracked, and their names. */
export class TrackedServers {
  private readonly tracked = new Map<WebSocketServer, TrackedServer & { detach: () => void }>();
  /** The names of all gateways whose connections were ever tracked. */
  private readonly names = new Set<string>();

  get all(): TrackedServer[] {
    return [...this.tracked.values()];
  }

  /** The names of all gateways whose connections are or were tracked. */
  get knownNames(): ReadonlySet<string> {
    return this.names;
  }

  keys(): IterableIterator<WebSocketServer> {
    return this.tracked.keys();
  }

  has(server: WebSocketServer): boolean {
    return this.tracked.has(server);
  }

  isMonitoredBy(server: WebSocketServer, monitored: MonitoredServer): boolean {
    return this.tracked.get(server)?.monitored === monitored;
  }

  /** A name that no tracked server has: the wanted name, with a number appended if it is taken. */
  freeName(wanted: string): string {
    const taken = new Set(this.all.map(({ name }) => name));
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}-${count}`;
    return name;
  }

  /** Adds a server. `detach` is called when it is removed. */
  add(server: WebSocketServer, monitored: MonitoredServer, detach: () => void): void {
    for (const name of monitored.names) this.names.add(name);
    const name = this.freeName(monitored.names.toSorted().join('+'));
    this.tracked.set(server, { name, monitored, detach });
  }

  /** Removes a server. Returns its policy, or `undefined` if it was not tracked. */
  remove(server: WebSocketServer): MonitoredServer | undefined {
    const tracked = this.tracked.get(server);
    tracked?.detach();
    this.tracked.delete(server);
    return tracked?.monitored;
  }

  /** A client has closed without a `'close'` event: its server does not wait for it any longer. */
  forgetClient(client: WebSocket, of: MonitoredServer): void {
    for (const [server, { monitored }] of this.tracked) {
      if (monitored === of) server.clients?.delete(client);
    }
  }
}
