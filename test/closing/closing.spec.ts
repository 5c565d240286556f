import { randomBytes } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, type HeartbeatOptions } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect as connectClient } from '../support/client.js';
import { evictionTimes } from '../support/eviction.times.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { connectRaw, Opcode, readClose } from '../support/raw-client.js';
import { abrupt, tlsClient, tlsServer } from '../support/tls.js';

/** The default `closeTimeout`. */
const CLOSE_TIMEOUT = 5_000;

function gatewayWith(path: string, options: HeartbeatOptions) {
  @Heartbeat(options)
  @WebSocketGateway({ path })
  class OneGateway {}
  return OneGateway;
}

/** A `closeTimeout` in ms. */
const SHORT_CLOSE_TIMEOUT = 50;
/** Compressing it takes several times `SHORT_CLOSE_TIMEOUT`. */
const MESSAGE = randomBytes(6 * 1024 * 1024).toString('base64');

@WebSocketGateway({ path: '/compressed', perMessageDeflate: true })
class CompressedGateway {}

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

test('a live client that does not answer the close frame is reset after 5 s, for every cause', async () => {
  const { events, liveness, url } = await startMonitored([
    gatewayWith('/idle', { idleTimeout: 100 }),
    gatewayWith('/expired', { maxLifetime: 100 }),
    gatewayWith('/unadmitted', { admissionTimeout: 100 }),
    ChatGateway,
  ]);
  const evictedAt = evictionTimes(liveness);
  const left = ['/idle', '/expired', '/unadmitted', '/chat', '/chat'].map((path) =>
    connectRaw(url + path, { answersPings: true }),
  );
  const clients = await Promise.all(left);
  const [first, second] = [...liveness.clients({ gateway: ChatGateway })];
  if (first) liveness.disconnect(first.client, { reason: 'out' });
  if (second) {
    liveness.disconnect(second.client, { reason: 'out' });
    liveness.pause(second.client);
  }

  const expected = [
    { code: 4409, reason: 'idle' },
    { code: 1012, reason: 'connection lifetime reached' },
    { code: 3000, reason: 'not admitted in time' },
    { code: 1000, reason: 'out' },
    { code: 1000, reason: 'out' },
  ];
  for (const [index, client] of clients.entries()) {
    const close = await client.frame(Opcode.Close);
    const { code } = readClose(close);
    expect(readClose(close)).toEqual(expected[index]);
    const { how, at } = await client.ended;
    expect(how).toBe(abrupt);
    // No ping and no second close frame follow.
    expect(client.frames.filter((frame) => frame.at > close.at)).toEqual([]);
    expect(at - Number(evictedAt.get(code))).toBeGreaterThan(CLOSE_TIMEOUT - 50);
    expect(at - close.at).toBeLessThan(CLOSE_TIMEOUT + 2_000);
  }
  await Promise.all(
    events
      .of('connected')
      .map(({ client }) => events.when('disconnected', (event) => event.client === client)),
  );
  for (const { code, eviction } of events.of('disconnected')) {
    expect(code).toBe(1006);
    expect(eviction?.code).not.toBe(1006);
  }
  expect(events.of('evicted')).toHaveLength(5);
});

test.each(['the application', 'disconnect()', 'the client'])(
  'a message that is still being compressed when %s closes arrives before the close frame',
  async (side) => {
    const { connect, events, liveness } = await startMonitored([CompressedGateway], {
      interval: 100,
      timeout: 30_000,
      closeTimeout: SHORT_CLOSE_TIMEOUT,
    });
    const { socket, peer, closed, messages } = await connect('/compressed', {
      perMessageDeflate: true,
    });

    const since = performance.now();
    let compressedAfter = 0;
    peer.send(JSON.stringify(MESSAGE), () => (compressedAfter = performance.now() - since));
    if (side === 'the application') peer.close(1000);
    else if (side === 'disconnect()') liveness.disconnect(peer);
    else socket.close(1000);

    expect(await closed).toMatchObject({ code: 1000 });
    await events.when('disconnected');
    // Otherwise nothing is shown: the message was compressed in time.
    expect(compressedAfter).toBeGreaterThan(2 * SHORT_CLOSE_TIMEOUT);
    expect(messages.map((message) => message === MESSAGE)).toEqual([true]);
  },
);
