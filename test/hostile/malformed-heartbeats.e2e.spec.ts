import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored, type MonitoredApp, type MonitoredClient } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

const BURST = 20;
const LIMITED = {
  interval: 60_000,
  timeout: 120_000,
  limits: { messages: { rate: 0.001, burst: BURST } },
};

const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** Each begins like a heartbeat message. */
const MALFORMED: [what: string, text: string][] = [
  ['nothing more', '{"event":"heartbeat"'],
  ['no data', '{"event":"heartbeat","data":'],
  ['invalid JSON', '{"event":"heartbeat","data":{op:ping}}'],
  ['more after the end', '{"event":"heartbeat"}{"event":"heartbeat"}'],
  ['another event in the end', '{"event":"heartbeat","event":"other"}'],
  ['NUL', '{"event":"heartbeat"\u0000}'],
  ['brackets that never end', `{"event":"heartbeat","data":${'['.repeat(480)}`],
  ['an op that is no text', '{"event":"heartbeat","data":{"op":{"op":"ping"},"id":"1"}}'],
  ['an id that is no text', '{"event":"heartbeat","data":{"op":"ping","id":1}}'],
  ['no id', '{"event":"heartbeat","data":{"op":"pong"}}'],
  ['another version', '{"event":"heartbeat","data":{"op":"hello","v":2}}'],
  ['an op of the server', '{"event":"heartbeat","data":{"op":"drain","id":"1"}}'],
  ['a name of the prototype', '{"event":"heartbeat","data":{"op":"constructor","id":"__proto__"}}'],
];

/** Unusual, but valid: they are answered or not, and count in any case. */
const ODD: [what: string, text: string][] = [
  ['a list', '{"event":"heartbeat","data":[]}'],
  ['a deep list', `{"event":"heartbeat","data":${deep(200)}}`],
  ['__proto__', '{"event":"heartbeat","data":{"__proto__":{"op":"ping","id":"1"}}}'],
  [
    'requested times that are no valid numbers',
    '{"event":"heartbeat","data":{"op":"hello","v":1,"interval":-1,"timeout":1e999}}',
  ],
  [
    'requested times that are strings',
    '{"event":"heartbeat","data":{"op":"hello","v":1,"interval":"1","timeout":{}}}',
  ],
  [
    'an answer that would be too long',
    `{"event":"heartbeat","data":{"op":"ping","id":"${'1'.repeat(440)}"}}`,
  ],
  ['an answer to nothing', '{"event":"heartbeat","data":{"op":"pong","id":"1"}}'],
];

async function start(): Promise<[MonitoredApp, MonitoredClient, LogRecorder]> {
  const logger = new LogRecorder();
  const monitored = await startMonitored([ChatGateway], LIMITED, { logger });
  return [monitored, await monitored.connect('/chat'), logger];
}

/** Sends a message after all others, and waits for its answer. */
async function awaitAnswer({ messages, send, socket }: MonitoredClient): Promise<void> {
  const isAnswer = (message: unknown) => (message as { event: string }).event === 'said';
  send('say');
  while (!messages.some(isAnswer)) await once(socket, 'message');
}

test.each([...MALFORMED, ...ODD])(
  'a heartbeat with %s counts towards the limit, and causes no error',
  async (_, text) => {
    const [{ events }, client, logger] = await start();
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(512);
    for (let count = 0; count < BURST; count++) client.socket.send(text);
    await awaitAnswer(client);
    expect(events.of('evicted')).toEqual([]);
    client.socket.send(text);
    expect((await client.closed).code).toBe(1008);
    expect((await events.when('disconnected')).eviction?.cause).toBe('flooding');
    expect(logger.of('error')).toEqual([]);
  },
);

test.each(MALFORMED)(
  'a heartbeat with %s is not answered, and reaches no handler',
  async (_, text) => {
    const [{ liveness }, client] = await start();
    client.socket.send(text);
    expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
    expect(client.messages).toHaveLength(1);
    expect(liveness.get(client.peer)?.rtt).toBeUndefined();
  },
);

test('a heartbeat that is too long is an application message: never answered, never counted as a heartbeat', async () => {
  const [{ events, liveness }, client] = await start();
  for (const length of [513, 600, 65_536, 1_048_576]) {
    const head = '{"event":"heartbeat","data":{"op":"ping","id":"1","at":"';
    const text = `${head.padEnd(length - 3, 'x')}"}}`;
    expect(text).toHaveLength(length);
    for (let count = 0; count <= BURST; count++) client.socket.send(text);
  }
  expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
  expect(client.messages).toHaveLength(1);
  expect(liveness.isAlive(client.peer)).toBe(true);
  expect(events.of('evicted')).toEqual([]);
});

test('a message of exactly 512 bytes is a heartbeat', async () => {
  const [, client] = await start();
  const text = '{"event":"heartbeat","data":{"x":"'.padEnd(512 - 3, 'x') + '"}}';
  client.socket.send(text);
  await awaitAnswer(client);
  expect(client.messages).toContainEqual({
    event: 'heartbeat',
    data: { op: 'ack', now: expect.any(Number) as unknown },
  });
});
