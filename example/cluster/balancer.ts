import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

/** One port for all instances. In production, nginx or a Kubernetes service has this part. */
export class Balancer {
  /** The open connections of each instance, by its port. */
  private readonly connections = new Map<number, number>();
  private readonly server = createServer((client) => this.forward(client));

  async listen(port: number, host: string): Promise<number> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  add(port: number) {
    this.connections.set(port, 0);
  }

  /** New connections go to the other instances. Those that are open remain. */
  remove(port: number) {
    this.connections.delete(port);
  }

  close() {
    this.server.close();
  }

  /** Connects a client to the instance with the fewest connections. */
  private forward(client: Socket) {
    const [port] = [...this.connections].toSorted(([, one], [, other]) => one - other)[0] ?? [];
    if (port === undefined) return void client.destroy();
    const instance = connect(port, '127.0.0.1');
    this.count(port, 1);
    instance.once('close', () => this.count(port, -1));
    // When one side ends or fails, so does the other.
    pipeline(client, instance, () => {});
    pipeline(instance, client, () => {});
  }

  private count(port: number, difference: 1 | -1) {
    const open = this.connections.get(port);
    if (open !== undefined) this.connections.set(port, open + difference);
  }
}
