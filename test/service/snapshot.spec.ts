import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startGuarded } from '../support/guarded.js';
import { connectRaw } from '../support/raw-client.js';

const NOBODY = {
  unresponsive: 0,
  idle: 0,
  expired: 0,
  unadmitted: 0,
  flooding: 0,
  'slow-consumer': 0,
  drain: 0,
  requested: 0,
};

test('a new application has a snapshot without clients', async () => {
  const { liveness } = await startGuarded([ChatGateway]);
  const before = Date.now();
  const snapshot = liveness.snapshot();
  expect(snapshot).toEqual({
    at: expect.any(Number) as unknown,
    tick: 12,
    loopDelay: expect.any(Number) as unknown,
    draining: false,
    totals: {
      connected: 0,
      disconnected: 0,
      pings: 0,
      suppressed: 0,
      stalls: expect.any(Number) as unknown,
      evicted: NOBODY,
    },
    gateways: [
      {
        name: 'ChatGateway',
        policy: expect.objectContaining(QUICK) as unknown,
        alive: 0,
        suspect: 0,
        evicted: 0,
      },
    ],
  });
  expect(snapshot.at).toBeGreaterThanOrEqual(before);
  expect(snapshot.loopDelay).toBeGreaterThanOrEqual(0);
});

test.each<[number, ...[number, number][]]>([
  [100, [25_000, 45_000]],
  [20, [25_000, 45_000], [80, 45_000]],
  [30, [1_000, 1_120]],
  [10, [5, 10]],
])(
  'the tick is at most %p ms, but never below 10, for intervals and timeouts of %p',
  async (longest, ...times) => {
    const gateways = times.map(([interval, timeout], index) => {
      @Heartbeat({ interval, timeout })
      @WebSocketGateway({ path: `/${index}` })
      class OneGateway {}
      return OneGateway;
    });
    const { tick } = (await startGuarded(gateways)).liveness.snapshot();
    expect(tick).toBeLessThanOrEqual(longest);
    expect(tick).toBeGreaterThanOrEqual(10);
  },
);

test('a snapshot counts connections, pings and evictions, and the clients of each gateway by state', async () => {
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {}

  const { connect, events, liveness, url } = await startGuarded([ChatGateway, OrdersGateway]);
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

  const { gateways, totals } = liveness.snapshot();
  expect(totals).toMatchObject({
    connected: 5,
    disconnected: 1,
    evicted: { ...NOBODY, unresponsive: 1, requested: 1 },
  });
  expect(totals.pings).toBeGreaterThanOrEqual(dead.pings.length + 1);
  expect(gateways.find(({ name }) => name === 'ChatGateway')).toMatchObject({
    alive: 1,
    suspect: 1,
    evicted: 1,
  });
  expect(gateways.find(({ name }) => name === 'OrdersGateway')).toMatchObject({
    alive: 1,
    suspect: 0,
    evicted: 0,
  });
  raw.socket.destroy();
});

test('gateways that share a server each count its clients', async () => {
  @WebSocketGateway({ path: '/chat' })
  class SecondGateway {}

  const { connect, liveness } = await startGuarded([ChatGateway, SecondGateway]);
  await connect('/chat');
  expect(liveness.snapshot().gateways.map(({ alive }) => alive)).toEqual([1, 1]);
});

test('a snapshot is frozen, and nobody changes a policy through it', async () => {
  const { liveness } = await startGuarded([ChatGateway]);
  const snapshot = liveness.snapshot();
  const [gateway] = snapshot.gateways;
  const parts = [
    snapshot,
    snapshot.totals,
    snapshot.totals.evicted,
    snapshot.gateways,
    gateway,
    gateway?.policy,
    gateway?.policy.limits,
    gateway?.policy.clientHeartbeats,
  ];
  expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
});

test('a snapshot says whether the clients are leaving', async () => {
  const { close, liveness } = await startGuarded([ChatGateway]);
  await liveness.drain();
  expect(liveness.snapshot().draining).toBe(true);
  await close();
  expect(liveness.snapshot()).toMatchObject({ draining: true, totals: { connected: 0 } });
});
