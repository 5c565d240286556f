import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored, type MonitoredClient } from '../support/monitored.js';

const QUIET = { interval: 60_000, timeout: 120_000 };
const REPLY = { event: 'said' };

/** Sends more than each limit allows, then a message, and waits for its answer. */
async function flood({ messages, send, socket }: MonitoredClient): Promise<void> {
  for (let count = 0; count < 100; count++) {
    socket.ping();
    socket.pong();
    send('heartbeat');
    socket.send('{"event":"heartbeat"');
  }
  send('say');
  while (messages.length < 101) await once(socket, 'message');
}

test('limits: false turns all limits off', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway], {
    ...QUIET,
    limits: false,
  });
  const client = await connect('/chat');
  await flood(client);
  expect(client.messages.at(-1)).toEqual(REPLY);
  expect(client.messages.filter((message) => hasOp(message, 'ack'))).toHaveLength(100);
  expect(liveness.isAlive(client.peer)).toBe(true);
  expect(events.of('evicted')).toEqual([]);
});

test('dry run: a flood is reported once, closes no client, and is answered', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway], {
    ...QUIET,
    dryRun: true,
  });
  const client = await connect('/chat');
  await flood(client);
  client.messages.length = 0;
  await flood(client);
  expect(client.messages.at(-1)).toEqual(REPLY);
  expect(client.messages.filter((message) => hasOp(message, 'ack'))).toHaveLength(100);
  expect(liveness.isAlive(client.peer)).toBe(true);
  expect(events.of('evicted')).toMatchObject([
    { eviction: { cause: 'flooding', code: 1008, dryRun: true } },
  ]);
});

test('malformed heartbeats count towards the limit', async () => {
  const { connect } = await startMonitored([ChatGateway], QUIET);
  const client = await connect('/chat');
  for (let count = 0; count < 30; count++) client.socket.send('{"event":"heartbeat"');
  expect(await client.closed).toMatchObject({ code: 1008 });
});

function hasOp(message: unknown, op: string): boolean {
  return (message as { data?: { op?: string } }).data?.op === op;
}
