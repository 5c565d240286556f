import { EventEmitter } from 'node:events';
import { WebSocket } from 'ws';

type Data = { op: string; id?: string; at?: number; now: number } & Record<string, unknown>;

/** A client that is written from docs/PROTOCOL.md alone. */
export class ProtocolClient {
  readonly changes = new EventEmitter();
  granted: Data | undefined;
  announced: Data | undefined;
  pings = 0;
  rtt = NaN;
  offset = NaN;
  private readonly socket: WebSocket;
  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on('open', () => this.send({ op: 'hello', v: 1 }));
    this.socket.on('message', (bytes: Buffer) => this.receive(bytes.toString()));
    // After an announced drain the client reconnects at once, otherwise after a random delay.
    this.socket.on('close', (code) => {
      if (code === 1012) this.changes.emit('return', this.announced ? 0 : 30_000 * Math.random());
    });
  }
  probe(): void {
    this.send({ op: 'ping', id: 'mine', at: Date.now() });
  }
  private send(data: object): void {
    this.socket.send(`{"event":"heartbeat","data":${JSON.stringify(data)}}`);
  }
  private receive(text: string): void {
    if (!/^\{"event": ?"heartbeat"/.test(text)) return;
    const { data } = JSON.parse(text) as { data: Data };
    if (data.op === 'hello') this.granted = data;
    if (data.op === 'ping') this.send({ op: 'pong', id: ((this.pings += 1), data.id) });
    if (data.op === 'pong') this.rtt = Date.now() - Number(data.at);
    if (data.op === 'pong') this.offset = data.now - Number(data.at) - this.rtt / 2;
    if (data.op === 'drain') this.announced = data;
    this.changes.emit(data.op);
  }
}
