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

const ADMISSION = { ...QUICK, admissionTimeout: 300 };

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

test('connections are closed at maxLifetime or up to 10 % earlier, spread over time', async () => {
  const { connect, events } = await startMonitored([ChatGateway], { ...QUICK, maxLifetime: 1_000 });
  const clients = [];
  for (let count = 0; count < 20; count++) clients.push(await connect('/chat'));
  for (const { closed } of clients) {
    const { code, reason } = await closed;
    expect({ code, reason }).toEqual({ code: 1012, reason: 'connection lifetime reached' });
  }

  const evicted = events.of('evicted');
  expect(evicted.map(({ eviction }) => eviction.cause)).toEqual(Array(20).fill('expired'));
  const ages = evicted.map(({ at, eviction }) => at - eviction.liveness.connectedAt);
  expect(Math.min(...ages)).toBeGreaterThan(898);
  expect(Math.min(...ages)).toBeLessThan(1_000);
  expect(Math.max(...ages)).toBeLessThan(1_500);
  expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(50);
});

test('a client that keeps sending messages is closed at maxLifetime as well', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], { ...QUICK, maxLifetime: 500 });
  const { closed, peer, send, socket } = await connect('/chat');
  const sending = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    send('say', 'hello');
    liveness.touch(peer);
  }, 20);
  expect(await closed).toMatchObject({ code: 1012 });
  clearInterval(sending);
});

test('a client that is not admitted is closed after admissionTimeout, and no sooner', async () => {
  const { connect, events } = await startMonitored([ChatGateway], ADMISSION);
  const started = performance.now();
  const client = await connect('/chat');
  const { code, reason, at } = await client.closed;
  expect({ code, reason }).toEqual({ code: 3000, reason: 'not admitted in time' });
  expect(at - started).toBeGreaterThan(299);
  expect(events.of('evicted')[0]?.eviction).toMatchObject({
    cause: 'unadmitted',
    code: 3000,
    liveness: { admitted: false, state: expect.any(String) as unknown },
  });
});

test('messages do not extend the admission timeout', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], ADMISSION);
  const started = performance.now();
  const { closed, peer, send, socket } = await connect('/chat');
  const sending = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    send('say', 'hello');
    liveness.touch(peer);
  }, 20);
  const { code, at } = await closed;
  clearInterval(sending);
  expect(code).toBe(3000);
  expect(at - started).toBeLessThan(2_000);
});

test('an admitted client stays connected', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], ADMISSION);
  const admitted = await connect('/chat');
  expect(liveness.get(admitted.peer)?.admitted).toBe(false);
  liveness.admit(admitted.peer);
  expect(liveness.get(admitted.peer)?.admitted).toBe(true);
  const other = await connect('/chat');
  await other.closed;
  expect(liveness.isAlive(admitted.peer)).toBe(true);
});

test('without admissionTimeout a client that is not admitted stays connected', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const client = await connect('/chat');
  const dead = await connect('/chat', { autoPong: false });
  await dead.closed;
  expect(liveness.get(client.peer)).toMatchObject({ admitted: false, state: 'alive' });
});

test('get() and the disconnected event contain the label that was passed to admit()', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const { peer, socket } = await connect('/chat');
  expect(liveness.get(peer)).not.toHaveProperty('label');
  liveness.admit(peer, 'user 7');
  expect(liveness.get(peer)).toMatchObject({ admitted: true, label: 'user 7' });
  liveness.admit(peer);
  expect(liveness.get(peer)?.label).toBe('user 7');
  liveness.admit(peer, 'user 8');
  socket.close();
  expect((await events.when('disconnected')).liveness.label).toBe('user 8');
  expect(liveness.get(peer)?.label).toBe('user 8');
});

test.each([
  ['x'.repeat(128), 128],
  ['x'.repeat(129), 128],
  ['🙂'.repeat(65), 128],
  [`x${'🙂'.repeat(65)}`, 127],
])(
  'the label %s is cut to %i UTF-16 code units without splitting a character',
  async (label, length) => {
    const { connect, liveness } = await startMonitored([ChatGateway]);
    const { peer } = await connect('/chat');
    liveness.admit(peer, label);
    expect(liveness.get(peer)?.label).toBe(label.slice(0, length));
  },
);

test('admit() throws for a label that is not a string, and does not admit the client', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const { peer } = await connect('/chat');
  const refused = { name: 'TypeError', code: 'HEARTBEAT_INVALID_ARGUMENT' };
  expect(() => liveness.admit(peer, 7 as never)).toThrow(expect.objectContaining(refused));
  expect(liveness.get(peer)?.admitted).toBe(false);
});
