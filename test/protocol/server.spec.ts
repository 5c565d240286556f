import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  Heartbeat,
  HeartbeatModule,
  isHeartbeat,
  type HeartbeatModuleOptions,
  type HeartbeatOptions,
} from 'nestjs-heartbeat';
import { WebSocket } from 'ws';
import { startApp, type TestApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect, type TestClient } from '../support/client.js';
import { startMonitored, type MonitoredClient } from '../support/monitored.js';

const chat = jest.fn(() => ({ event: 'chat', data: 'seen' }));

@WebSocketGateway()
class RootGateway {
  @SubscribeMessage('chat')
  chat(): unknown {
    return chat();
  }
}

@WebSocketGateway({ path: '/own' })
class OwnHeartbeatGateway {
  @SubscribeMessage('heartbeat')
  heartbeat(): unknown {
    return { event: 'mine', data: 1 };
  }
}

let server: TestApp;

beforeAll(async () => {
  server = await startApp({
    imports: [
      HeartbeatModule.forRoot({
        clientHeartbeats: { ping: 'pong' },
        limits: { messages: { rate: 5, burst: 10 } },
      }),
    ],
    providers: [RootGateway, OwnHeartbeatGateway],
  });
});

afterAll(() => server.app.close());

async function request(client: TestClient, text: string): Promise<string> {
  const answer = once(client.socket, 'message');
  client.socket.send(text);
  const [data] = (await answer) as [Buffer];
  return data.toString();
}

async function heartbeat(client: TestClient, data?: unknown): Promise<Record<string, unknown>> {
  const answer = await request(client, JSON.stringify({ event: 'heartbeat', data }));
  const message = JSON.parse(answer) as { event: string; data: Record<string, unknown> };
  expect(message.event).toBe('heartbeat');
  return message.data;
}

interface Times {
  interval?: number;
  timeout?: number;
}

/** A client of a gateway, and a function that sends its hello. */
async function start(options: HeartbeatOptions = {}, ofModule: HeartbeatModuleOptions = {}) {
  @Heartbeat(options)
  @WebSocketGateway({ path: '/trading' })
  class TradingGateway {}

  const { connect, liveness } = await startMonitored([TradingGateway], ofModule);
  const client = await connect('/trading');
  return { client, liveness, hello: (times: Times = {}) => hello(client, times) };
}

/** Sends hello. Returns the granted times. */
async function hello({ request }: MonitoredClient, requested: Times): Promise<Required<Times>> {
  const answer = await request('heartbeat', { op: 'hello', v: 1, ...requested });
  const { interval, timeout } = (answer as { data: Required<Times> }).data;
  return { interval, timeout };
}

describe('a heartbeat message', () => {
  test('without op is acknowledged', async () => {
    const client = await connect(server.url);
    expect(await heartbeat(client)).toEqual({ op: 'ack', now: expect.any(Number) });
    expect(await heartbeat(client, { anything: 1 })).toMatchObject({ op: 'ack' });
    expect(await request(client, '{"event": "heartbeat"}')).toContain('"op":"ack"');
    client.socket.terminate();
  });

  test('hello is answered with the granted times, which are never longer than those of the server', async () => {
    const client = await connect(server.url);
    expect(await heartbeat(client, { op: 'hello', v: 1 })).toEqual({
      op: 'hello',
      v: 1,
      id: expect.any(String),
      interval: 25_000,
      timeout: 45_000,
      now: expect.any(Number),
    });
    const hello = (interval: unknown, timeout: unknown) =>
      heartbeat(client, { op: 'hello', v: 1, interval, timeout });
    expect(await hello(60_000, 90_000)).toMatchObject({ interval: 25_000, timeout: 45_000 });
    expect(await hello(20_000, 10_000)).toMatchObject({ interval: 25_000, timeout: 45_000 });
    expect(await hello('1', null)).toMatchObject({ interval: 25_000, timeout: 45_000 });
    expect(await hello(8_000, 12_000)).toMatchObject({ interval: 8_000, timeout: 12_000 });
    client.socket.terminate();
  });

  test('ping is answered with its id and its `at`', async () => {
    const client = await connect(server.url);
    expect(await heartbeat(client, { op: 'ping', id: 'x', at: { any: 'thing' } })).toEqual({
      op: 'pong',
      id: 'x',
      at: { any: 'thing' },
      now: expect.any(Number),
    });
    client.socket.terminate();
  });

  test.each([
    '{"event":"heartbeat","data":',
    '{"event":"heartbeat","data":{"op":"ping"}}',
    '{"event":"heartbeat","data":{"op":"hello","v":2}}',
    '{"event":"heartbeat","data":{"op":{}}}',
    '{"event":"heartbeat"x',
  ])('that is malformed is ignored: %s', async (text) => {
    const client = await connect(server.url);
    client.socket.send(text);
    expect(await heartbeat(client)).toMatchObject({ op: 'ack' });
    client.socket.terminate();
  });

  test('that is longer than 512 bytes is an application message', async () => {
    const client = await connect(server.url);
    const long = { event: 'heartbeat', data: { pad: 'x'.repeat(600) } };
    client.socket.send(JSON.stringify(long));
    expect(await request(client, '{"event":"chat"}')).toContain('seen');
    client.socket.terminate();
  });

  test('runs no handler, and other messages reach their handlers', async () => {
    chat.mockClear();
    const client = await connect(server.url);
    await heartbeat(client);
    expect(chat).not.toHaveBeenCalled();
    expect(await request(client, '{"event":"chat"}')).toBe('{"event":"chat","data":"seen"}');
    client.socket.terminate();
  });

  test('reaches a gateway that has its own handler for the event', async () => {
    const client = await connect(`${server.url}/own`);
    expect(await request(client, '{"event":"heartbeat"}')).toBe('{"event":"mine","data":1}');
    client.socket.terminate();
  });

  test('beyond the limit closes the connection with 1008', async () => {
    const client = await connect(server.url);
    for (let count = 0; count < 20; count++) client.socket.send('{"event":"heartbeat"}');
    expect(await client.closed).toMatchObject({ code: 1008, reason: 'too many heartbeats' });
  });
});

test('`clientHeartbeats` are answered if the text message is equal', async () => {
  const client = new WebSocket(server.url);
  await once(client, 'open');
  const answers: string[] = [];
  client.on('message', (data: Buffer) => answers.push(data.toString()));
  client.send('ping ');
  client.send(Buffer.from('ping'));
  client.send('ping');
  client.send('{"event":"chat"}');
  while (answers.length < 2) await once(client, 'message');
  expect(answers).toEqual(['pong', '{"event":"chat","data":"seen"}']);
  client.terminate();
});

test('ping frames beyond the limit close the connection with 1008', async () => {
  const client = await connect(server.url);
  for (let count = 0; count < 200; count++) client.socket.ping();
  expect(await client.closed).toMatchObject({ code: 1008 });
});

test('unsolicited pongs beyond the limit close the connection with 1008', async () => {
  const client = await connect(server.url);
  for (let count = 0; count < 1_000; count++) client.socket.pong();
  expect(await client.closed).toMatchObject({ code: 1008 });
});

test('isHeartbeat() returns true for heartbeat messages only', () => {
  expect(isHeartbeat('{"event":"heartbeat"}')).toBe(true);
  expect(isHeartbeat(Buffer.from('{"event": "heartbeat","data":{}}'))).toBe(true);
  expect(isHeartbeat('{"event":"heartbeats"}')).toBe(false);
  expect(isHeartbeat({ event: 'heartbeat' })).toBe(false);
  expect(isHeartbeat(undefined)).toBe(false);
});

test('an answer longer than 512 bytes, which is not a heartbeat message, is not sent', async () => {
  const { connect } = await startMonitored([ChatGateway]);
  const client = await connect('/chat');
  // JSON.stringify() writes each number with 21 characters; the client needs 4.
  const at = `[${Array<string>(60).fill('1e20').join()}]`;
  const ping = `{"event":"heartbeat","data":{"op":"ping","id":"x","at":${at}}}`;
  expect(isHeartbeat(ping)).toBe(true);
  client.socket.send(ping);
  expect(await client.request('heartbeat')).toMatchObject({ data: { op: 'ack' } });
  expect(client.messages).toHaveLength(1);
});

test.each<[requested: Times, granted: Required<Times>]>([
  [
    { interval: 1_000, timeout: 2_000 },
    { interval: 5_000, timeout: 10_000 },
  ],
  [
    { interval: 1, timeout: 20_000 },
    { interval: 5_000, timeout: 20_000 },
  ],
  [{ interval: 1 }, { interval: 5_000, timeout: 45_000 }],
  [{ timeout: 30_000 }, { interval: 25_000, timeout: 30_000 }],
  // The timeout is below the interval of the server, which leaves no time for an answer.
  [{ timeout: 11_000 }, { interval: 25_000, timeout: 45_000 }],
  [
    { interval: 9_999, timeout: 10_000 },
    { interval: 9_999, timeout: 10_399 },
  ],
])('by default a request of %j is granted as %j', async (requested, granted) => {
  const { hello: sendHello } = await start();
  expect(await sendHello(requested)).toEqual(granted);
});

test('each minimum can be set for the module and for a gateway', async () => {
  const requested = { interval: 1, timeout: 2 };
  const ofModule = { negotiation: { minInterval: 2_000, minTimeout: 4_000 } };
  const first = await start({}, ofModule);
  expect(await first.hello(requested)).toEqual({ interval: 2_000, timeout: 4_000 });
  const second = await start({ negotiation: { minTimeout: 6_000 } }, ofModule);
  expect(await second.hello(requested)).toEqual({ interval: 2_000, timeout: 6_000 });
  // A tick is 100 ms here.
  const third = await start({ negotiation: { minInterval: 50, minTimeout: 200 } });
  expect(await third.hello(requested)).toEqual({ interval: 400, timeout: 2_000 });
});

test('negotiation: false grants no request', async () => {
  const { hello: sendHello } = await start({ negotiation: false });
  expect(await sendHello({ interval: 20_000, timeout: 30_000 })).toEqual({
    interval: 25_000,
    timeout: 45_000,
  });
});

test('times of the server that are below the minimum are not raised', async () => {
  const { hello: sendHello } = await start({ interval: 2_000, timeout: 4_000 });
  expect(await sendHello({ interval: 1_000, timeout: 3_000 })).toEqual({
    interval: 2_000,
    timeout: 4_000,
  });
});

test('negotiated times do not make update() fail, and leave time for an answer', async () => {
  const { client, liveness, hello: sendHello } = await start();
  expect(await sendHello({ interval: 5_000, timeout: 10_000 })).toEqual({
    interval: 5_000,
    timeout: 10_000,
  });
  // An interval alone is combined with the negotiated timeout if that is longer, else with the configured one.
  liveness.update(client.peer, { interval: 8_000 });
  expect(await sendHello()).toEqual({ interval: 8_000, timeout: 10_000 });
  liveness.update(client.peer, { interval: 20_000 });
  expect(await sendHello()).toEqual({ interval: 20_000, timeout: 45_000 });
  liveness.update(client.peer, { interval: 60_000, timeout: 90_000 });
  expect(await sendHello({ interval: 30_000, timeout: 70_000 })).toEqual({
    interval: 30_000,
    timeout: 70_000,
  });
  liveness.update(client.peer, { interval: 80_000 });
  expect(await sendHello()).toEqual({ interval: 80_000, timeout: 90_000 });
  expect(() => liveness.update(client.peer, { interval: 95_000 })).toThrow(
    'update(): `interval` (95000 ms) must be smaller than `timeout` (90000 ms)',
  );
});
