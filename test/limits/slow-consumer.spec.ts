import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';
import { connectRaw, maskedFrame, Opcode, type RawClient } from '../support/raw-client.js';

const MIB = 1_048_576;
/** More than the kernels buffer for a client that does not read. */
const MUCH = randomBytes(32 * MIB);

/** Sends messages at a short interval, which keep the client alive. */
function talk({ socket }: RawClient): () => void {
  const talking = setInterval(
    () => socket.write(maskedFrame(Opcode.Text, Buffer.from('{"event":"note"}'))),
    100,
  );
  return () => clearInterval(talking);
}

test('a client that takes nothing for a timeout is terminated; one that reads receives everything', async () => {
  const timeout = 1_500;
  const { connect, events, liveness, url } = await startMonitored([ChatGateway], {
    interval: 500,
    timeout,
    limits: { backlog: { stalled: MIB, max: 64 * MIB } },
  });
  const reader = await connect('/chat');
  const connected = events.next('connected');
  const paused = await connectRaw(`${url}/chat`);
  const { client } = await connected;
  paused.socket.pause();
  const stop = talk(paused);
  const received = new Promise<number>((resolve) => {
    reader.socket.removeAllListeners('message');
    reader.socket.once('message', (data: Buffer) => resolve(data.length));
  });
  const started = performance.now();
  reader.peer.send(MUCH);
  client.send(MUCH);

  const { eviction } = await events.when('evicted');
  expect(performance.now() - started).toBeGreaterThan(timeout);
  expect(eviction).toMatchObject({ cause: 'slow-consumer', code: 1006 });
  expect(eviction.liveness.client).toBe(client);
  expect(eviction.bufferedBytes).toBeGreaterThan(MIB);
  expect(await events.when('disconnected')).toMatchObject({ client, eviction });
  expect(await received).toBe(MUCH.length);
  expect(liveness.isAlive(reader.peer)).toBe(true);
  expect(events.of('evicted')).toHaveLength(1);
  stop();
  paused.socket.destroy();
});

test('the backlog of a client that does not keep up stays close to twice `max`', async () => {
  const max = 4 * MIB;
  const { events, url } = await startMonitored([ChatGateway], {
    interval: 10_000,
    timeout: 60_000,
    limits: { backlog: { stalled: MIB, max } },
  });
  const connected = events.next('connected');
  const paused = await connectRaw(`${url}/chat`);
  const { client } = await connected;
  paused.socket.pause();
  const stop = talk(paused);
  const every = 20;
  const chunk = randomBytes(MIB / 10);
  const sending = setInterval(() => client.send(chunk), every);
  const { eviction } = await events.when('evicted');
  clearInterval(sending);
  expect(eviction).toMatchObject({ cause: 'slow-consumer', code: 1006 });
  expect(eviction.bufferedBytes).toBeGreaterThanOrEqual(2 * max);
  // A check finds the backlog after half an interval, and further checks follow every second.
  const perSecond = (1_000 / every) * chunk.length;
  expect(eviction.bufferedBytes).toBeLessThan(2 * max + 6 * perSecond + MIB);
  stop();
  paused.socket.destroy();
});
