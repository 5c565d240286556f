import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TestClient } from '../support/client.js';

/** Milliseconds between an answer and the next request. */
const PAUSE = 5;

/** A well-behaved client that measures its response times while other clients attack. */
export class Bystander {
  private constructor(private readonly client: TestClient) {}

  static async at(url: string): Promise<Bystander> {
    return new Bystander(await connect(`${url}/?name=bystander`));
  }

  /** Sends bursts of `messages` messages, `times` times, which brings the memory of the server to its working size. */
  async chat(messages: number, times: number): Promise<void> {
    for (let count = 0; count < times; count++) {
      for (let sent = 1; sent < messages; sent++) this.client.send('note', sent);
      await this.request();
    }
  }

  /** Sends requests until the promise settles. Returns each response time in ms. */
  async askUntil(over: Promise<unknown>): Promise<number[]> {
    const waits: number[] = [];
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    over.then(end, end);
    for (; !isOver; await delay(PAUSE)) waits.push(await this.request());
    return waits;
  }

  /** Sends a request. Returns the response time in ms. */
  async request(): Promise<number> {
    const start = performance.now();
    await this.client.request('echo');
    return performance.now() - start;
  }

  leave(): void {
    this.client.socket.terminate();
  }
}
