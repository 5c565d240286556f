import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { splitUrl } from './programs/address.mjs';

/** A TCP proxy in front of a server. It can be cut: then it forwards no bytes, and closes no connection. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(
    readonly url: string,
    private readonly address: ReturnType<typeof splitUrl>['address'],
    private readonly server: ReturnType<typeof createServer>,
  ) {
    server.on('connection', (near) => this.join(near));
  }

  /** Starts a proxy for the server at `url`. */
  static async to(url: string): Promise<TcpProxy> {
    const { protocol, address, target } = splitUrl(url);
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: own } = server.address() as AddressInfo;
    return new TcpProxy(`${protocol}//127.0.0.1:${own}${target}`, address, server);
  }

  /** Stops forwarding in both directions. New connections are accepted, but stay silent. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** Resumes forwarding, beginning with the bytes that waited. */
  heal(): void {
    this.isCut = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket): void {
    const far = connect(this.address);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (data) => to.write(data));
      from.on('error', () => {});
      from.on('close', () => {
        this.sockets.delete(from);
        if (!this.isCut) to.destroy();
      });
      if (this.isCut) from.pause();
      else from.resume();
    }
  }
}
