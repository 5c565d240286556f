import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { UseGuards } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatGuard, RequireLiveness } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { LogRecorder } from '../support/log-recorder.js';
import { startMonitored, type MonitoredClient } from '../support/monitored.js';
import { connectRaw, maskedFrame, Opcode, readClose } from '../support/raw-client.js';

@WebSocketGateway({ path: '/orders' })
class OrdersGateway {
  @UseGuards(HeartbeatGuard)
  @RequireLiveness({ provenWithin: 60_000, maxRtt: 200 })
  @SubscribeMessage('order')
  order(): unknown {
    return { event: 'ordered' };
  }
}

const message = (event: string) => maskedFrame(Opcode.Text, Buffer.from(JSON.stringify({ event })));
const pongs = (count: number) =>
  Buffer.concat(Array<Buffer>(count).fill(maskedFrame(Opcode.Pong, Buffer.from('12345678'))));

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

@WebSocketGateway({ path: '/own' })
class OwnHeartbeatGateway {
  @SubscribeMessage('heartbeat')
  heartbeat(_client: unknown, data: unknown): unknown {
    return { event: 'mine', data };
  }
}

test('unsolicited pongs never prove a round trip', async () => {
  const { events, liveness, url } = await startMonitored([OrdersGateway], {
    interval: 60_000,
    timeout: 120_000,
  });
  const raw = await connectRaw(`${url}/orders`);
  const { client } = await events.when('connected');
  raw.socket.write(pongs(50));
  raw.socket.write(message('order'));
  const probe = await raw.frame(Opcode.Ping);
  raw.socket.write(pongs(5));
  const { payload } = await raw.frame(Opcode.Text);
  expect(payload.toString()).toContain('"demand":"provenWithin"');
  expect(liveness.get(client)?.rtt).toBeUndefined();

  // The same client passes with the pong that matches the ping.
  raw.socket.write(message('order'));
  const second = await raw.frame(Opcode.Ping, 2);
  expect(second.payload.equals(probe.payload)).toBe(false);
  raw.socket.write(maskedFrame(Opcode.Pong, second.payload));
  expect((await raw.frame(Opcode.Text, 2)).payload.toString()).toContain('ordered');
  expect(liveness.get(client)?.rtt?.last).toBeGreaterThan(0);
  raw.socket.destroy();
});

test('the late pongs behind a long upload are no flood; unsolicited pongs beyond the limit are', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway], {
    interval: 40,
    timeout: 5_000,
    limits: { pongs: { rate: 1, burst: 5 } },
  });
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  const upload = maskedFrame(Opcode.Text, Buffer.from('{"event":"upload"}'.padEnd(100)));
  const late: Buffer[] = [];
  for (let sent = 0; sent < 30; sent++) {
    raw.socket.write(upload.subarray(sent, sent + 1));
    const { payload } = await raw.frame(Opcode.Ping, sent + 1);
    late.push(maskedFrame(Opcode.Pong, payload));
  }
  raw.socket.write(upload.subarray(30));
  raw.socket.write(Buffer.concat(late));
  raw.socket.write(message('say'));
  await raw.frame(Opcode.Text);
  expect(liveness.isAlive(client)).toBe(true);
  expect(events.of('evicted')).toEqual([]);

  raw.socket.write(pongs(30));
  expect(readClose(await raw.frame(Opcode.Close)).code).toBe(1008);
  raw.socket.destroy();
});

test('an application that sends its own pings every 20 ms does not make its client a flooder', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway], {
    interval: 5_000,
    timeout: 10_000,
  });
  const { peer, pings, socket } = await connect('/chat');
  const timer = setInterval(() => peer.ping(), 20);
  const pongs = await new Promise((resolve) => {
    let count = 0;
    peer.on('pong', () => {
      if (++count === 150) resolve(count);
    });
    socket.once('close', (code) => resolve(`closed with ${code} after ${count} pongs`));
  });
  clearInterval(timer);
  expect(pongs).toBe(150);
  expect(pings.length).toBeGreaterThanOrEqual(150);
  expect(events.of('evicted')).toEqual([]);
  expect(liveness.isAlive(peer)).toBe(true);
});

test('a flood of pongs is closed with 1008 at the defaults, and not if only that limit is off', async () => {
  @Heartbeat({ limits: { pongs: false } })
  @WebSocketGateway({ path: '/unlimited' })
  class UnlimitedGateway {
    @SubscribeMessage('say')
    chat(): unknown {
      return { event: 'said' };
    }
  }
  const { connect, events } = await startMonitored([ChatGateway, UnlimitedGateway], {
    interval: 60_000,
    timeout: 120_000,
  });
  const limited = await connect('/chat');
  const unlimited = await connect('/unlimited');
  for (let count = 0; count < 1_000; count++) {
    limited.socket.pong();
    unlimited.socket.pong();
  }
  expect(await limited.closed).toMatchObject({ code: 1008 });
  expect(await unlimited.request('say')).toEqual({ event: 'said' });
  for (let count = 0; count < 100; count++) unlimited.socket.ping();
  expect(await unlimited.closed).toMatchObject({ code: 1008 });
  expect(events.of('evicted').map(({ eviction }) => eviction.cause)).toEqual([
    'flooding',
    'flooding',
  ]);
});

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

test('a gateway that handles the reserved event itself keeps it, without limits, and boot warns', async () => {
  const logger = new LogRecorder();
  const { connect, events, liveness } = await startMonitored(
    [OwnHeartbeatGateway, ChatGateway],
    { interval: 60_000, timeout: 120_000 },
    { logger },
  );
  const [warning, ...others] = logger.of('warn');
  expect(others).toEqual([]);
  expect(warning).toContain('OwnHeartbeatGateway has a handler for "heartbeat"');

  const own = await connect('/own');
  const hello = { op: 'hello', v: 1 };
  for (let count = 0; count < 50; count++) {
    expect(await own.request('heartbeat', hello)).toEqual({ event: 'mine', data: hello });
  }
  expect(events.of('evicted')).toEqual([]);
  expect(liveness.isAlive(own.peer)).toBe(true);

  const chat = await connect('/chat');
  expect(await chat.request('heartbeat')).toMatchObject({
    event: 'heartbeat',
    data: { op: 'ack' },
  });
});
