import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored, type MonitoredClient } from '../support/monitored.js';

const IDLE = { ...QUICK, idleTimeout: 400 };

/** Calls `act` after each of the next `times` pings that the client receives. */
async function onEachPing(client: MonitoredClient, times: number, act: () => void): Promise<void> {
  for (let count = 0; count < times; count++) {
    await new Promise((resolve) => client.socket.once('ping', resolve));
    act();
  }
}

test('a client that answers pings but sends no message is closed after idleTimeout, and no sooner', async () => {
  const { connect, events } = await startMonitored([ChatGateway], IDLE);
  const started = performance.now();
  const client = await connect('/chat');
  const { code, reason, at } = await client.closed;
  expect({ code, reason }).toEqual({ code: 4409, reason: 'idle' });
  expect(at - started).toBeGreaterThan(399);
  expect(client.pings.length).toBeGreaterThan(1);

  const [evicted] = events.of('evicted');
  expect(evicted?.eviction).toMatchObject({ cause: 'idle', code: 4409, dryRun: false });
  expect(evicted?.eviction.liveness.idle).toBeGreaterThanOrEqual(400);
  expect(evicted?.eviction.liveness.silence).toBeLessThan(QUICK.timeout);
  expect(events.of('suspect')).toEqual([]);
});

test('each message resets the idle time', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], IDLE);
  const client = await connect('/chat');
  let last = 0;
  await onEachPing(client, 6, () => {
    client.send('say', 'hello');
    last = performance.now();
  });
  expect(liveness.isAlive(client.peer)).toBe(true);
  const { code, at } = await client.closed;
  expect(code).toBe(4409);
  expect(at - last).toBeGreaterThan(399);
});

test('a message without a handler resets the idle time as well', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], IDLE);
  const client = await connect('/chat');
  await onEachPing(client, 6, () => client.socket.send('no JSON at all'));
  expect(liveness.isAlive(client.peer)).toBe(true);
});

test('pings and pongs of the client do not reset the idle time', async () => {
  const { connect } = await startMonitored([ChatGateway], IDLE);
  const client = await connect('/chat');
  const sending = setInterval(() => {
    if (client.socket.readyState !== client.socket.OPEN) return;
    client.socket.ping();
    client.socket.pong();
  }, 50);
  expect(await client.closed).toMatchObject({ code: 4409 });
  clearInterval(sending);
});

test('touch() resets the idle time', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], IDLE);
  const client = await connect('/chat');
  let last = 0;
  await onEachPing(client, 6, () => {
    liveness.touch(client.peer);
    last = performance.now();
    expect(liveness.get(client.peer)?.idle).toBe(0);
  });
  expect(liveness.isAlive(client.peer)).toBe(true);
  const { code, at } = await client.closed;
  expect(code).toBe(4409);
  expect(at - last).toBeGreaterThan(399);
});

test('touch() resets the silence of a client that answers no ping, but gives no round trip', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  let last = 0;
  await onEachPing(dead, 5, () => {
    liveness.touch(dead.peer);
    last = performance.now();
  });
  expect(events.of('evicted')).toEqual([]);
  expect(liveness.get(dead.peer)?.rtt).toBeUndefined();
  const { code, at } = await dead.closed;
  expect(code).toBe(1006);
  expect(at - last).toBeGreaterThan(QUICK.timeout - 1);
});

test('a suspect recovers after touch()', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  await events.when('suspect');
  liveness.touch(dead.peer);
  await events.when('recovered');
  expect(liveness.get(dead.peer)?.state).toBe('alive');
});

test('idleTimeout: false on a gateway turns off the idle timeout of the module', async () => {
  @Heartbeat({ idleTimeout: false })
  @WebSocketGateway({ path: '/no-idle-timeout' })
  class NoIdleTimeoutGateway {}

  const { connect, liveness } = await startMonitored([ChatGateway, NoIdleTimeoutGateway], IDLE);
  const unlimited = await connect('/no-idle-timeout');
  const idle = await connect('/chat');
  await idle.closed;
  expect(liveness.isAlive(unlimited.peer)).toBe(true);
});
