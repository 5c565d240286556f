import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  Heartbeat,
  HeartbeatModule,
  type ClientHeartbeatFunction,
  type HeartbeatModuleOptions,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { createApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

const QUIET = { interval: 60_000, timeout: 120_000 };

/** Answers JSON `{ "type": "ping", "id": … }` with a pong of the same id. */
const jsonPings: ClientHeartbeatFunction = (message, isBinary) => {
  if (isBinary || !message.includes('"ping"')) return undefined;
  const { type, id } = JSON.parse(message.toString()) as { type?: string; id?: string };
  return type === 'ping' ? JSON.stringify({ type: 'pong', id }) : undefined;
};

/**
 * Protobuf messages. Field 1, a varint, is the type: 1 is a ping, answered by a message of type 2 with the same payload;
 * 3 is a heartbeat without an answer.
 */
const binaryPings: ClientHeartbeatFunction = (message, isBinary) => {
  if (!isBinary || message[0] !== 0x08) return undefined;
  if (message[1] === 3) return true;
  return message[1] === 1 ? Buffer.concat([Buffer.of(0x08, 2), message.subarray(2)]) : undefined;
};
const PING = Buffer.of(0x08, 1, 0x12, 1, 7);
const HEARTBEAT = Buffer.of(0x08, 3);

async function start(
  clientHeartbeats: ClientHeartbeatFunction,
  options: HeartbeatModuleOptions = QUIET,
  logger = new LogRecorder(),
) {
  const monitored = await startMonitored(
    [ChatGateway],
    { ...options, clientHeartbeats },
    { logger },
  );
  const { peer, socket, closed } = await monitored.connect('/chat');
  // The listener of the test client parses JSON only.
  socket.removeAllListeners('message');
  const next = async (): Promise<{ data: Buffer; isBinary: boolean }> => {
    const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean];
    return { data, isBinary };
  };
  /** Sends a message. Returns the next message that arrives. */
  const request = async (message: string | Buffer) => {
    const answer = next();
    socket.send(message);
    return answer;
  };
  const chat = async (text: string) => {
    const { data } = await request(JSON.stringify({ event: 'say', data: text }));
    return (JSON.parse(data.toString()) as { data: string }).data;
  };
  return { ...monitored, logger, peer, socket, closed, request, chat };
}

/** Sends a message every 40 ms while the client is open. Returns a function that stops it. */
function keepSending(socket: WebSocket, message: Buffer | string): () => void {
  const timer = setInterval(() => socket.readyState === socket.OPEN && socket.send(message), 40);
  return () => clearInterval(timer);
}

test('a JSON heartbeat is answered with its id, and other messages reach their handlers', async () => {
  const { request, chat } = await start(jsonPings);
  for (const id of ['1', '2']) {
    const { data, isBinary } = await request(JSON.stringify({ type: 'ping', id }));
    expect({ answer: JSON.parse(data.toString()) as unknown, isBinary }).toEqual({
      answer: { type: 'pong', id },
      isBinary: false,
    });
  }
  expect(await chat('"ping"')).toBe('"ping"');
});

test('a binary heartbeat is answered by a binary message, or not at all', async () => {
  const { request, chat, socket } = await start(binaryPings);
  const { data, isBinary } = await request(PING);
  expect([[...data], isBinary]).toEqual([[0x08, 2, 0x12, 1, 7], true]);
  socket.send(HEARTBEAT);
  expect(await chat('the next message')).toBe('the next message');
});

test('the function is called with every message except heartbeat messages of this module', async () => {
  const seen: [string, boolean][] = [];
  const { request, chat, socket } = await start((message, isBinary) => {
    seen.push([message.toString(), isBinary]);
    return undefined;
  });
  await request('{"event":"heartbeat"}');
  socket.send(Buffer.from('binary'));
  socket.send('');
  await chat('x');
  expect(seen).toEqual([
    ['binary', true],
    ['', false],
    ['{"event":"say","data":"x"}', false],
  ]);
});

test.each(['nodebuffer', 'arraybuffer', 'fragments'] as const)(
  'the function receives a Buffer if the server uses binaryType %s',
  async (binaryType) => {
    const seen: unknown[] = [];
    const { request, peer } = await start((message, isBinary) => {
      seen.push(Buffer.isBuffer(message));
      return binaryPings(message, isBinary);
    });
    peer.binaryType = binaryType;
    const { data } = await request(PING);
    expect([...data]).toEqual([0x08, 2, 0x12, 1, 7]);
    expect(seen).toEqual([true]);
  },
);

test.each<[string, ClientHeartbeatFunction, string | Buffer]>([
  ['JSON', jsonPings, '{"type":"ping","id":"1"}'],
  ['binary', binaryPings, PING],
  ['binary, without a reply', binaryPings, HEARTBEAT],
])(
  '%s heartbeats do not count as activity: the client is closed as idle',
  async (_, compute, message) => {
    const { closed, events, socket } = await start(compute, { ...QUIET, idleTimeout: 400 });
    const stop = keepSending(socket, message);
    const started = performance.now();
    expect(await closed).toMatchObject({ code: 4409 });
    stop();
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(events.of('evicted')).toMatchObject([{ eviction: { cause: 'idle' } }]);
  },
);

test.each<[string, ClientHeartbeatFunction, string | Buffer]>([
  ['JSON', jsonPings, '{"type":"ping","id":"1"}'],
  ['binary', binaryPings, PING],
  ['binary, without a reply', binaryPings, HEARTBEAT],
])('%s heartbeats count against limits.messages', async (_, compute, message) => {
  const { closed, socket } = await start(compute);
  for (let count = 0; count < 30; count++) socket.send(message);
  expect(await closed).toMatchObject({ code: 1008 });
});

test.each<[string, ClientHeartbeatFunction, string | Buffer]>([
  ['JSON', jsonPings, '{"type":"ping","id":"1"}'],
  ['binary, without a reply', binaryPings, HEARTBEAT],
])('%s heartbeats keep a client alive in application mode', async (_, compute, message) => {
  const { closed, liveness, peer, socket, events } = await start(compute, {
    interval: 200,
    timeout: 800,
    liveness: 'application',
    limits: false,
  });
  const stop = keepSending(socket, message);
  const silences: number[] = [];
  for (let count = 0; count < 12; count++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    silences.push(liveness.get(peer)?.applicationSilence ?? Infinity);
  }
  expect(events.of('evicted')).toEqual([]);
  expect(Math.max(...silences)).toBeLessThan(800);
  stop();
  expect(await closed).toMatchObject({ code: 4408 });
});

test('an error of the function is logged once, and the message counts as an application message', async () => {
  const { closed, liveness, logger, peer, chat, socket } = await start(
    (message) => {
      if (message.includes('throw')) throw new Error('mine');
      return undefined;
    },
    { ...QUIET, limits: { messages: { rate: 1, burst: 2 } } },
  );
  for (let count = 0; count < 50; count++) socket.send('throw');
  expect(await chat('throw')).toBe('throw');
  expect(liveness.get(peer)?.idle).toBeLessThan(5_000);
  expect(logger.of('error')).toEqual([
    'The function `clientHeartbeats` of ChatGateway threw. The message counts as an application message. ' +
      'Further faults are not logged for 60 s.',
  ]);
  expect(liveness.isAlive(peer)).toBe(true);
  socket.terminate();
  await closed;
});

test.each<[string, unknown]>([
  ['null', null],
  ['false', false],
  ['5', 5],
  ['{"reply":"pong"}', { reply: 'pong' }],
  ['a ArrayBuffer', new ArrayBuffer(2)],
])('a result of another type, %s, is logged once as well', async (shown, result) => {
  const { logger, chat } = await start(() => result as true);
  expect(await chat('one')).toBe('one');
  expect(await chat('two')).toBe('two');
  expect(logger.of('error')).toEqual([
    `The function \`clientHeartbeats\` of ChatGateway returned ${shown}; it must return a string, a Uint8Array, true or ` +
      'undefined. The message counts as an application message. Further faults are not logged for 60 s.',
  ]);
});

test('an async function is reported in the log, and its rejection is handled', async () => {
  const unhandled: unknown[] = [];
  const record = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', record);
  const { logger, chat } = await start((async () => {
    throw new Error('mine');
  }) as unknown as ClientHeartbeatFunction);
  expect(await chat('one')).toBe('one');
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off('unhandledRejection', record);
  expect(unhandled).toEqual([]);
  expect(logger.of('error', 'returned a Promise; it must return')).toHaveLength(1);
});

test('gateways that share a server may use one function, but not two', async () => {
  const gatewaysWith = (...functions: ClientHeartbeatFunction[]) =>
    functions.map((clientHeartbeats) => {
      @Heartbeat({ clientHeartbeats })
      @WebSocketGateway({ path: '/shared' })
      class SharedGateway {
        @SubscribeMessage('say')
        chat(): void {}
      }
      return SharedGateway;
    });
  const create = (...functions: ClientHeartbeatFunction[]) =>
    createApp({ imports: [HeartbeatModule.forRoot()], providers: gatewaysWith(...functions) });

  const app = await create(jsonPings, jsonPings);
  await app.init();
  await app.close();
  const other = await create(jsonPings, binaryPings);
  await expect(other.init()).rejects.toThrow('share one WebSocket server');
  await other.close();
});
