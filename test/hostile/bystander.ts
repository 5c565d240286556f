import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TestClient } from '../support/client.js';

/** Milliseconds between an answer and the next question. */
const PAUSE = 5;

/** A client that means well, and how long it waits for its answers while others do not. */
export class Bystander {
  private constructor(private readonly client: TestClient) {}

  static async at(url: string): Promise<Bystander> {
    return new Bystander(await connect(`${url}/?name=bystander`));
  }

  /** Says so much at once, so many times: after that the server's memory is as large as traffic makes it. */
  async chat(messages: number, times: number): Promise<void> {
    for (let count = 0; count < times; count++) {
      for (let said = 1; said < messages; said++) this.client.send('note', said);
      await this.ask();
    }
  }

  /** Asks again and again until something is over. Returns how long each answer took, in ms. */
  async askUntil(over: Promise<unknown>): Promise<number[]> {
    const waits: number[] = [];
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    over.then(end, end);
    for (; !isOver; await delay(PAUSE)) waits.push(await this.ask());
    return waits;
  }

  /** Returns how long the answer took, in ms. */
  async ask(): Promise<number> {
    const start = performance.now();
    await this.client.ask('echo');
    return performance.now() - start;
  }

  leave(): void {
    this.client.socket.terminate();
  }
}
