import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { startGuarded } from '../support/guarded.js';
import { connectRaw } from '../support/raw-client.js';

const MIB = 1_048_576;
const LIMITS = { backlog: { stalled: MIB / 2, max: MIB } };
/** More than the system takes for a peer that does not read. */
const MUCH = Buffer.alloc(32 * MIB);

test('a deaf client is cut off as a slow consumer, one that reads gets everything', async () => {
  const { connect, events, liveness, url } = await startGuarded([ChatGateway], {
    interval: 2_000,
    timeout: 20_000,
    limits: LIMITS,
  });
  const reader = await connect('/chat');
  const connected = events.next('connected');
  const deaf = await connectRaw(`${url}/chat`);
  const { client } = await connected;
  deaf.socket.pause();
  const received = new Promise<number>((resolve) => {
    reader.socket.removeAllListeners('message');
    reader.socket.once('message', (data: Buffer) => resolve(data.length));
  });
  const started = performance.now();
  reader.peer.send(MUCH);
  client.send(MUCH);

  const { eviction } = await events.when('evicted');
  expect(performance.now() - started).toBeGreaterThan(1_000);
  expect(eviction).toMatchObject({ cause: 'slow-consumer', code: 1013, observed: false });
  expect(eviction.liveness.client).toBe(client);
  expect(eviction.bufferedBytes).toBeGreaterThan(MIB);
  expect(await events.when('disconnected')).toMatchObject({ client, eviction });
  expect(await received).toBe(MUCH.length);
  expect(liveness.isAlive(reader.peer)).toBe(true);
  expect(events.of('evicted')).toHaveLength(1);
  deaf.socket.destroy();
});
