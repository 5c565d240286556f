import { expect } from '@jest/globals';
import type { Redis } from 'ioredis';
import { connect, type TestClient } from '../../support/client.js';
import { until } from '../presence.node.js';
import type { NodeProcess } from './node.process.js';

interface ExclusiveSettings {
  /** A client of the store. */
  readonly redis: Redis;
  readonly rounds: number;
  /** How many clients connect at once. */
  readonly clients: number;
}

/** Connects exclusive clients of one key at once over nodes. Expects that exactly the one stays that was stored last. */
export async function expectExclusive(
  nodes: readonly NodeProcess[],
  { redis, rounds, clients }: ExclusiveSettings,
): Promise<void> {
  const [first] = nodes as [NodeProcess];
  const stored = await WriteOrder.of(redis);
  try {
    for (let round = 0; round < rounds; round++) {
      const key = `exclusive-${round}`;
      const connected = await connectAll(nodes, key, clients);
      const isOpen = ({ socket }: TestClient) => socket.readyState === socket.OPEN;
      await until(() => connected.filter(isOpen).length <= 1, 'at most one is open');
      const placesOf = async (node: NodeProcess) =>
        (await node.entries()).find((entry) => entry.key === key)?.on ?? [];
      const closings = connected.filter((client) => !isOpen(client)).map(({ closed }) => closed);
      const codes = (await Promise.all(closings)).map(({ code }) => code);
      expect(codes).toEqual(Array.from({ length: clients - 1 }, () => 4411));
      const winner = String(connected.findIndex(isOpen));
      const isStored = async () =>
        String((await placesOf(first)).map(({ meta }) => meta)) === winner;
      await until(isStored, 'only the one that is open is stored');
      const place = { node: stored.lastOf(key), meta: winner };
      for (const node of nodes) expect(await placesOf(node)).toEqual([place]);
      connected[Number(winner)]?.socket.terminate();
    }
  } finally {
    stored.stop();
  }
}

function connectAll(nodes: readonly NodeProcess[], key: string, count: number) {
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const { url } = nodes[index % nodes.length] as NodeProcess;
      return connect(`${url}/?name=${key}&meta=${index}&exclusive`);
    }),
  );
}

/** Which node has stored a key last, as the messages of the store report. */
class WriteOrder {
  private readonly nodes = new Map<string, string>();

  private constructor(private readonly subscriber: Redis) {
    subscriber.on('pmessage', (_pattern, _channel, text: string) => {
      const {
        type,
        node,
        put = [],
      } = JSON.parse(text) as {
        type: string;
        node: string;
        put?: string[];
      };
      if (type !== 'changed') return;
      for (const member of put) this.nodes.set(member.slice(member.indexOf('\0') + 1), node);
    });
  }

  static async of(redis: Redis): Promise<WriteOrder> {
    const subscriber = redis.duplicate();
    await subscriber.psubscribe('*:changes');
    return new WriteOrder(subscriber);
  }

  lastOf(key: string): string | undefined {
    return this.nodes.get(key);
  }

  stop(): void {
    this.subscriber.disconnect();
  }
}
