import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { splitUrl } from './programs/address.mjs';

/** The way to a server. It can be cut: then nothing passes any more, and nobody is told. */
export class Path {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(
    readonly url: string,
    private readonly address: ReturnType<typeof splitUrl>['address'],
    private readonly server: ReturnType<typeof createServer>,
  ) {
    server.on('connection', (near) => this.join(near));
  }

  /** Lays a way to the server at `url`. */
  static async to(url: string): Promise<Path> {
    const { protocol, address, target } = splitUrl(url);
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: own } = server.address() as AddressInfo;
    return new Path(`${protocol}//127.0.0.1:${own}${target}`, address, server);
  }

  /** Lets nothing pass, in either direction; connections are accepted, and then silent. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** Lets pass again, first what was held up. */
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
