import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule, isHeartbeat } from 'nestjs-heartbeat';
import { WebSocket } from 'ws';
import { startApp, type TestApp } from '../support/app.js';
import { connect, type TestClient } from '../support/client.js';

const chat = jest.fn(() => ({ event: 'chat', data: 'seen' }));

@WebSocketGateway()
class ChatGateway {
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
    providers: [ChatGateway, OwnHeartbeatGateway],
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
