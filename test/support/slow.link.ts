import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** Milliseconds between two forwarding steps. */
const STEP = 10;

/**
 * A TCP proxy whose connections share a limited download rate. Uploads are not limited. The bytes of the server wait
 * in kernel buffers, so the server cannot see how slowly they are read.
 */
export class SlowLink {
  /** The socket to the server by the socket to the client. */
  private readonly connections = new Map<Socket, Socket>();
  private readonly dead = new Set<Socket>();
  private readonly timer: ReturnType<typeof setInterval>;
  private passedAt = performance.now();

  private constructor(
    readonly url: string,
    private readonly port: number,
    private readonly server: ReturnType<typeof createServer>,
    private readonly bytesPerSecond: number,
  ) {
    server.on('connection', (near) => this.join(near));
    this.timer = setInterval(() => this.pass(), STEP);
  }

  static async to(url: string, bytesPerSecond: number): Promise<SlowLink> {
    const { protocol, port, pathname } = new URL(url);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: own } = server.address() as AddressInfo;
    const address = `${protocol}//127.0.0.1:${own}${pathname}`;
    return new SlowLink(address, Number(port), server, bytesPerSecond);
  }

  /** Stops forwarding on all existing connections, in both directions, without closing them. */
  cut(): void {
    for (const [near, far] of this.connections) {
      near.pause();
      this.dead.add(near).add(far);
    }
    this.connections.clear();
  }

  /** Closes all connections and the proxy. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const socket of [...this.connections].flat()) socket.destroy();
    for (const socket of this.dead) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket): void {
    const far = connect(this.port, '127.0.0.1');
    this.connections.set(near, far);
    near.on('data', (data) => far.write(data));
    near.on('error', () => {});
    near.on('close', () => this.connections.delete(near));
    near.on('close', () => far.destroy());
    // With this listener the stream fills its buffer and waits for `read()`.
    far.on('readable', () => {});
    far.on('end', () => near.end());
    far.on('error', () => {
      if (!this.dead.has(near)) near.resetAndDestroy();
    });
  }

  private pass(): void {
    const now = performance.now();
    const budget = ((now - this.passedAt) / 1_000) * this.bytesPerSecond;
    this.passedAt = now;
    // A stream emits `'end'` only after a read of an empty buffer.
    for (const far of this.connections.values()) if (far.readableLength === 0) far.read();
    const waiting = [...this.connections].filter(([, far]) => far.readableLength > 0);
    for (const [near, far] of waiting) {
      const share = Math.ceil(budget / waiting.length);
      const data = far.read(Math.min(share, far.readableLength)) as Buffer | null;
      if (data) near.write(data);
    }
  }
}
