import { expect, test } from '@jest/globals';
import { TLSSocket } from 'node:tls';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect as connectClient } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { connectRaw, Opcode } from '../support/raw-client.js';
import { abrupt, tlsClient, tlsServer } from '../support/tls.js';

test('a dead client is reset, without a close frame', async () => {
  const { events, url } = await startMonitored([ChatGateway]);
  const connected = performance.now();
  const raw = await connectRaw(`${url}/chat`);
  const { how, at } = await raw.ended;
  expect(how).toBe(abrupt);
  expect(at - connected).toBeGreaterThan(QUICK.timeout - 1);
  expect(at - connected).toBeLessThan(QUICK.timeout + 2_000);
  expect(raw.frames.every(({ opcode }) => opcode === Opcode.Ping)).toBe(true);
  expect(await events.when('disconnected')).toMatchObject({ code: 1006 });
});

test('the eviction of a dead client contains the cause, its liveness and the loop delay', async () => {
  const { connect, events } = await startMonitored([ChatGateway]);
  const dead = await connect('/chat', { autoPong: false });
  const { client, eviction } = await events.when('evicted');
  expect(client).toBe(dead.peer);
  expect(eviction).toEqual({
    cause: 'unresponsive',
    level: 'transport',
    code: 1006,
    reason: 'heartbeat timeout',
    liveness: expect.objectContaining({
      client,
      gateways: ['ChatGateway'],
      state: 'suspect',
    }) as unknown,
    bufferedBytes: 0,
    loopDelay: expect.any(Number) as unknown,
    dryRun: false,
  });
  expect(eviction.liveness.silence).toBeGreaterThanOrEqual(QUICK.timeout);
  expect(eviction.loopDelay).toBeGreaterThanOrEqual(0);
  expect(Object.isFrozen(eviction)).toBe(true);
});

test('the eviction contains the number of buffered bytes', async () => {
  const { connect, events } = await startMonitored([ChatGateway], { ...QUICK, limits: false });
  const dead = await connect('/chat');
  dead.socket.pause();
  dead.peer.send(Buffer.alloc(64 * 1024 * 1024));
  const { eviction } = await events.when('evicted');
  expect(eviction.cause).toBe('unresponsive');
  expect(eviction.bufferedBytes).toBeGreaterThan(1024 * 1024);
  dead.socket.terminate();
});

test('a dead client over TLS is terminated', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway], QUICK, {
    httpsOptions: tlsServer,
  });
  const secure = `${url}/chat`;
  const alive = await connectClient(secure, tlsClient);
  const { client: peer } = await events.when('connected');
  const dead = await connectClient(secure, { ...tlsClient, autoPong: false });
  const connected = performance.now();
  expect(events.of('connected')).toHaveLength(2);
  const { code, at } = await dead.closed;
  expect(code).toBe(1006);
  expect(at - connected).toBeLessThan(QUICK.timeout + 2_000);
  expect((await events.when('disconnected')).eviction?.cause).toBe('unresponsive');
  expect(liveness.isAlive(peer)).toBe(true);
  alive.socket.terminate();
});

test('the sockets of the TLS test are TLS sockets', async () => {
  const { url } = await startMonitored([ChatGateway], QUICK, { httpsOptions: tlsServer });
  const { socket } = await connectClient(`${url}/chat`, tlsClient);
  const raw: unknown = Reflect.get(socket, '_socket');
  expect(raw).toBeInstanceOf(TLSSocket);
  socket.terminate();
});
