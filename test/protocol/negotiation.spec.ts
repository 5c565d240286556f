import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, type HeartbeatModuleOptions, type HeartbeatOptions } from 'nestjs-heartbeat';
import { startMonitored, type MonitoredClient } from '../support/monitored.js';

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
