import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { eventually } from '../support/eventually.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';

const NONE = {
  unresponsive: 0,
  idle: 0,
  expired: 0,
  unadmitted: 0,
  flooding: 0,
  'slow-consumer': 0,
  drain: 0,
  requested: 0,
};

test('the snapshot of a new application counts no clients', async () => {
  const { liveness } = await startMonitored([ChatGateway]);
  const before = Date.now();
  const snapshot = liveness.snapshot();
  expect(snapshot).toEqual({
    at: expect.any(Number) as unknown,
    tick: 12,
    loopDelay: expect.any(Number) as unknown,
    lastTickAt: expect.any(Number) as unknown,
    draining: false,
    totals: {
      connected: 0,
      disconnected: 0,
      closedBy: { server: 0, client: 0, application: 0, network: 0 },
      pings: 0,
      suppressed: 0,
      stalls: expect.any(Number) as unknown,
      stalledFor: expect.any(Number) as unknown,
      evicted: NONE,
      dryRun: NONE,
    },
    roundTrips: {
      upTo: [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000],
      counts: Array.from({ length: 14 }, () => 0),
      sum: 0,
    },
    servers: [
      {
        name: 'ChatGateway',
        gateways: ['ChatGateway'],
        policy: expect.objectContaining(QUICK) as unknown,
        alive: 0,
        suspect: 0,
        evicted: 0,
      },
    ],
  });
  expect(snapshot.at).toBeGreaterThanOrEqual(before);
  expect(snapshot.lastTickAt).toBeGreaterThan(before - 5_000);
  expect(snapshot.lastTickAt).toBeLessThanOrEqual(snapshot.at);
  expect(snapshot.loopDelay).toBeGreaterThanOrEqual(0);
});

test.each<[number, ...[number, number][]]>([
  [100, [25_000, 45_000]],
  [20, [25_000, 45_000], [80, 45_000]],
  [30, [1_000, 1_120]],
  [10, [40, 200]],
])(
  'the tick is at most %p ms and at least 10 ms for intervals and timeouts of %p',
  async (longest, ...times) => {
    const gateways = times.map(([interval, timeout], index) => {
      @Heartbeat({ interval, timeout })
      @WebSocketGateway({ path: `/${index}` })
      class OneGateway {}
      return OneGateway;
    });
    const { tick } = (await startMonitored(gateways)).liveness.snapshot();
    expect(tick).toBeLessThanOrEqual(longest);
    expect(tick).toBeGreaterThanOrEqual(10);
  },
);

test('a snapshot counts connections, pings and evictions, and the clients of each server by state', async () => {
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {}

  const { connect, events, liveness, url } = await startMonitored([ChatGateway, OrdersGateway]);
  const dead = await connect('/chat', { autoPong: false });
  await dead.closed;
  const raw = await connectRaw(`${url}/chat`);
  const connected = ({ client }: { client: unknown }) => client !== dead.peer;
  liveness.disconnect((await events.when('connected', connected)).client);
  await connect('/chat', { autoPong: false });
  await events.when('suspect', ({ client }) => client !== dead.peer);
  const { peer } = await connect('/chat');
  await connect('/orders');
  await liveness.probe(peer);

  const { servers, totals } = liveness.snapshot();
  expect(totals).toMatchObject({
    connected: 5,
    disconnected: 1,
    evicted: { ...NONE, unresponsive: 1, requested: 1 },
  });
  expect(totals.closedBy).toEqual({ server: 1, client: 0, application: 0, network: 0 });
  expect(totals.pings).toBeGreaterThanOrEqual(dead.pings.length + 1);
  expect(servers.find(({ name }) => name === 'ChatGateway')).toMatchObject({
    alive: 1,
    suspect: 1,
    evicted: 1,
  });
  expect(servers.find(({ name }) => name === 'OrdersGateway')).toMatchObject({
    alive: 1,
    suspect: 0,
    evicted: 0,
  });
  raw.socket.destroy();
});

test('a client of a server with several gateways is counted once', async () => {
  @WebSocketGateway({ path: '/chat' })
  class AnotherGateway {}

  const { connect, liveness } = await startMonitored([ChatGateway, AnotherGateway]);
  await connect('/chat');
  const { servers } = liveness.snapshot();
  expect(servers).toMatchObject([{ name: 'AnotherGateway+ChatGateway', alive: 1 }]);
  expect(servers[0]?.gateways.toSorted()).toEqual(['AnotherGateway', 'ChatGateway']);
});

test('servers whose gateways have the same name are distinguished by a number', async () => {
  const [First, Second] = ['/first', '/second'].map((path) => {
    @WebSocketGateway({ path })
    class SameGateway {}
    return SameGateway;
  });
  const { connect, liveness } = await startMonitored([First, Second] as (new () => object)[]);
  await connect('/first');
  await connect('/second');
  await connect('/second');
  const counts = liveness.snapshot().servers.map(({ name, alive }) => `${name}: ${alive}`);
  expect([
    ['SameGateway: 1', 'SameGateway-2: 2'],
    ['SameGateway: 2', 'SameGateway-2: 1'],
  ]).toContainEqual(counts);
});

test('lastTickAt advances with the tick', async () => {
  const { liveness } = await startMonitored([ChatGateway]);
  const { lastTickAt } = liveness.snapshot();
  await eventually(() => liveness.snapshot().lastTickAt > lastTickAt);
  expect(liveness.snapshot().lastTickAt).toBeGreaterThan(lastTickAt);
});

test('a snapshot and the policies in it are frozen', async () => {
  const { liveness } = await startMonitored([ChatGateway]);
  const snapshot = liveness.snapshot();
  const [server] = snapshot.servers;
  const parts = [
    snapshot,
    snapshot.totals,
    snapshot.totals.evicted,
    snapshot.servers,
    server,
    server?.gateways,
    server?.policy,
    server?.policy.limits,
    server?.policy.clientHeartbeats,
  ];
  expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
});

test('a snapshot reports whether the application is draining', async () => {
  const { close, liveness } = await startMonitored([ChatGateway]);
  await liveness.drain();
  expect(liveness.snapshot().draining).toBe(true);
  await close();
  expect(liveness.snapshot()).toMatchObject({ draining: true, totals: { connected: 0 } });
});
