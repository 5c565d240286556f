import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from '../support/child.js';
import { connect, type TestClient } from '../support/client.js';

const CLIENT_PROGRAM = new URL('../support/programs/clients.mjs', import.meta.url);
/** Delay of each pong in ms, as on a long network path. */
const LATENCY = 200;
/** Duration in ms of the message handler during which the server is stopped. */
const COMPUTATION = 1_000;

/** Bounds of the duration of a stall in ms, as measured from outside. */
export interface Stall {
  readonly atLeast: number;
  readonly atMost: number;
}

/** A server in a process of its own, and a crowd of healthy clients. */
export class Crowd {
  private constructor(
    readonly server: Child,
    private readonly clients: Child,
    private readonly driver: TestClient,
  ) {}

  static async connect(program: URL, settings: object, count: number): Promise<Crowd> {
    const server = await Child.start(program, settings);
    const url = await server.request<string>('url');
    const crowd = { url, name: 'healthy', count, latency: LATENCY };
    return new Crowd(server, await Child.start(CLIENT_PROGRAM, crowd), await connect(url));
  }

  /** Waits for the next ping to a client without latency, and another `afterPing` ms. */
  async phase(afterPing: number): Promise<void> {
    await this.next('ping');
    if (afterPing > 0) await delay(afterPing);
  }

  /** Blocks the server's event loop from a message handler. */
  async block(duration: number): Promise<Stall> {
    await this.startBlock(duration);
    const blocked = await this.nextReport();
    return { atLeast: blocked, atMost: blocked };
  }

  /** Stops the server's process, most likely while it is idle. */
  async stop(duration: number): Promise<Stall> {
    const start = performance.now();
    const atLeast = await this.server.freezeFor(duration);
    return { atLeast, atMost: performance.now() - start };
  }

  /** Stops the server's process while it handles a message. */
  async stopAtWork(duration: number): Promise<Stall> {
    const start = performance.now();
    await this.startBlock(COMPUTATION);
    const { atLeast } = await this.stop(duration);
    await this.nextReport();
    return { atLeast, atMost: performance.now() - start };
  }

  /** Waits until every client was pinged `times` times, which is long enough for any eviction. */
  async untilPinged(times: number): Promise<void> {
    await this.clients.request('untilPinged', times);
  }

  /** The close codes that the clients received. */
  closings(): Promise<number[]> {
    return this.clients.request('closings');
  }

  async disband(): Promise<void> {
    this.driver.socket.terminate();
    await Promise.all([this.server.kill(), this.clients.kill()]);
  }

  private async startBlock(duration: number): Promise<void> {
    this.driver.socket.send(JSON.stringify({ event: 'block', data: duration }));
    await this.nextReport();
  }

  /** The next report of the server on its block: 0 at the start, the duration at the end. */
  private async nextReport(): Promise<number> {
    const [message] = await this.next('message');
    return (JSON.parse(String(message)) as { data: number }).data;
  }

  /** The next event of the driver, which has to stay connected. */
  private next(event: 'ping' | 'message'): Promise<unknown[]> {
    const closed = this.driver.closed.then(({ code }) => {
      throw new Error(`The client that blocks the server was closed: ${code}`);
    });
    return Promise.race([once(this.driver.socket, event), closed]);
  }
}
