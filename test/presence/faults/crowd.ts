import { connect, type Closing, type TestClient } from '../../support/client.js';

/** How many clients connect at the same time. */
const AT_ONCE = 100;

/** Clients of a node, each present under a key of its own. */
export class Crowd {
  private readonly closings: Closing[] = [];

  private constructor(
    readonly keys: readonly string[],
    private readonly clients: readonly TestClient[],
  ) {
    for (const { closed } of clients) void closed.then((closing) => this.closings.push(closing));
  }

  static async connect(url: string, name: string, count: number): Promise<Crowd> {
    const keys = Array.from({ length: count }, (_, index) => `${name}-${index}`);
    const clients: TestClient[] = [];
    for (let first = 0; first < count; first += AT_ONCE) {
      const part = keys.slice(first, first + AT_ONCE);
      clients.push(...(await Promise.all(part.map((key) => connect(`${url}/?name=${key}`)))));
    }
    return new Crowd(keys, clients);
  }

  /** The close codes that its clients received. */
  get codes(): number[] {
    return this.closings.map(({ code }) => code);
  }

  close(): void {
    for (const { socket } of this.clients) socket.terminate();
  }
}
