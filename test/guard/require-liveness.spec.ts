import { expect, test } from '@jest/globals';
import { UseGuards } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatGuard, RequireLiveness, type LivenessDemand } from 'nestjs-heartbeat';
import { connect as connectClient } from '../support/client.js';
import { startMonitored, type MonitoredApp } from '../support/monitored.js';
import { connectRaw, maskedFrame, Opcode, type RawClient } from '../support/raw-client.js';

/** No ping of the heartbeat disturbs these tests. */
const QUIET = { interval: 60_000, timeout: 120_000 };
const PASSED = { event: 'ordered' };

const refusal = (demand: string, message: string) => ({
  event: 'exception',
  data: { status: 'error', message, demand },
});

/** Starts a gateway whose handler demands something. */
function startDemanding(demand: LivenessDemand): Promise<MonitoredApp> {
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @UseGuards(HeartbeatGuard)
    @RequireLiveness(demand)
    @SubscribeMessage('order')
    order(): unknown {
      return PASSED;
    }
  }
  return startMonitored([OrdersGateway], QUIET);
}

const sendText = ({ socket }: RawClient, event: string, times = 1) => {
  const frame = maskedFrame(Opcode.Text, Buffer.from(JSON.stringify({ event })));
  socket.write(Buffer.concat(Array<Buffer>(times).fill(frame)));
};
const textOf = ({ payload }: { payload: Buffer }) => JSON.parse(payload.toString()) as unknown;

test('provenWithin: a client without proof is probed, and passes when it answers', async () => {
  const { connect, liveness } = await startDemanding({ provenWithin: 60_000 });
  const client = await connect('/orders');
  expect(await client.request('order')).toEqual(PASSED);
  expect(client.pings).toHaveLength(1);
  expect(liveness.get(client.peer)?.rtt).toBeDefined();
});

test('provenWithin: a proof that is young enough is not asked for again', async () => {
  const { connect, liveness } = await startDemanding({ provenWithin: 60_000 });
  const client = await connect('/orders');
  await liveness.probe(client.peer);
  expect(await client.request('order')).toEqual(PASSED);
  expect(await client.request('order')).toEqual(PASSED);
  expect(client.pings).toHaveLength(1);
});

test('provenWithin: a proof that is too old is renewed', async () => {
  const { connect } = await startDemanding({ provenWithin: 20 });
  const client = await connect('/orders');
  expect(await client.request('order')).toEqual(PASSED);
  await new Promise((resolve) => setTimeout(resolve, 25));
  expect(await client.request('order')).toEqual(PASSED);
  expect(client.pings).toHaveLength(2);
});

test('provenWithin: a message alone proves nothing', async () => {
  const { connect, liveness } = await startDemanding({ provenWithin: 60_000 });
  const client = await connect('/orders');
  client.send('anything');
  liveness.touch(client.peer);
  expect(await client.request('order')).toEqual(PASSED);
  expect(client.pings).toHaveLength(1);
});

test('provenWithin: a client that does not answer within maxRtt is refused', async () => {
  const { connect } = await startDemanding({ provenWithin: 60_000, maxRtt: 100 });
  const client = await connect('/orders', { autoPong: false });
  const asked = performance.now();
  expect(await client.request('order')).toEqual(
    refusal('provenWithin', 'The client did not answer within 100 ms'),
  );
  expect(performance.now() - asked).toBeGreaterThan(99);
});

test('provenWithin: a client that does not answer is refused after 5 s, where no maxRtt is set', async () => {
  const { connect } = await startDemanding({ provenWithin: 60_000 });
  const client = await connect('/orders', { autoPong: false });
  const asked = performance.now();
  expect(await client.request('order')).toEqual(
    refusal('provenWithin', 'The client did not answer within 5000 ms'),
  );
  expect(performance.now() - asked).toBeGreaterThan(4_999);
});

test('maxRtt: a fast client passes', async () => {
  const { connect } = await startDemanding({ maxRtt: 10_000 });
  const client = await connect('/orders');
  expect(await client.request('order')).toEqual(PASSED);
  expect(await client.request('order')).toEqual(PASSED);
  expect(client.pings).toHaveLength(1);
});

test('maxRtt: a client that answers too late is refused', async () => {
  const { connect } = await startDemanding({ maxRtt: 50 });
  const client = await connect('/orders', { autoPong: false });
  expect(await client.request('order')).toEqual(
    refusal('maxRtt', 'The client did not answer within 50 ms'),
  );
});

test('maxRtt: a client whose newest round trip was too slow is refused', async () => {
  const { events, liveness, url } = await startDemanding({ provenWithin: 60_000, maxRtt: 50 });
  const raw = await connectRaw(`${url}/orders`);
  const { client } = await events.when('connected');
  const proven = liveness.probe(client);
  const { payload } = await raw.frame(Opcode.Ping);
  await new Promise((resolve) => setTimeout(resolve, 60));
  raw.socket.write(maskedFrame(Opcode.Pong, payload));
  expect(await proven).toBeGreaterThan(50);
  sendText(raw, 'order');
  expect(textOf(await raw.frame(Opcode.Text))).toEqual(
    refusal('maxRtt', 'The connection is slower than 50 ms'),
  );
  expect(raw.frames.filter(({ opcode }) => opcode === Opcode.Ping)).toHaveLength(1);
  raw.socket.destroy();
});

test('many messages at once share one ping, and pass in their order when it is answered', async () => {
  const { events, url } = await startDemanding({ provenWithin: 60_000 });
  const raw = await connectRaw(`${url}/orders`, { answersPings: true });
  await events.when('connected');
  sendText(raw, 'order', 50);
  await raw.frame(Opcode.Text, 50);
  const texts = raw.frames.filter(({ opcode }) => opcode === Opcode.Text);
  expect(texts.map(textOf)).toEqual(texts.map(() => PASSED));
  expect(raw.frames.filter(({ opcode }) => opcode === Opcode.Ping)).toHaveLength(1);
  raw.socket.destroy();
});

test('at most 64 messages wait for the answer of a client: the 65th is refused at once', async () => {
  const { events, url } = await startDemanding({ provenWithin: 60_000 });
  const raw = await connectRaw(`${url}/orders`);
  await events.when('connected');
  sendText(raw, 'order', 66);
  await raw.frame(Opcode.Text, 2);
  const refused = raw.frames.filter(({ opcode }) => opcode === Opcode.Text).map(textOf);
  expect(refused).toMatchObject([
    { event: 'exception', data: { demand: 'provenWithin' } },
    { event: 'exception', data: { demand: 'provenWithin' } },
  ]);
  const { payload } = await raw.frame(Opcode.Ping);
  raw.socket.write(maskedFrame(Opcode.Pong, payload));
  await raw.frame(Opcode.Text, 66);
  const passed = raw.frames.filter(({ opcode }) => opcode === Opcode.Text).slice(2);
  expect(passed).toHaveLength(64);
  expect(passed.map(textOf)).toEqual(passed.map(() => PASSED));
  raw.socket.destroy();
});

test('a client that goes while it is probed is refused as closed, and no handler runs', async () => {
  const demands: unknown[] = [];
  class SpyingGuard extends HeartbeatGuard {
    protected override refuse(demand: never, message: string): never {
      demands.push(demand);
      return super.refuse(demand, message);
    }
  }
  let handled = 0;
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @UseGuards(SpyingGuard)
    @RequireLiveness({ provenWithin: 60_000 })
    @SubscribeMessage('order')
    order(): void {
      handled++;
    }
  }

  const { connect, events } = await startMonitored([OrdersGateway], QUIET);
  const client = await connect('/orders', { autoPong: false });
  client.send('order');
  await new Promise((resolve) => client.socket.once('ping', resolve));
  client.socket.terminate();
  await events.when('disconnected');
  await new Promise((resolve) => setImmediate(resolve));
  expect(demands).toEqual(['open']);
  expect(handled).toBe(0);
});

test('@RequireLiveness() on the gateway holds for its handlers, and that of a handler replaces it', async () => {
  @UseGuards(HeartbeatGuard)
  @RequireLiveness({ provenWithin: 60_000, maxRtt: 30 })
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @SubscribeMessage('strict')
    strict(): unknown {
      return PASSED;
    }
    @RequireLiveness({ maxRtt: 70 })
    @SubscribeMessage('own')
    own(): unknown {
      return PASSED;
    }
  }

  const { connect } = await startMonitored([OrdersGateway], QUIET);
  const client = await connect('/orders', { autoPong: false });
  expect(await client.request('strict')).toEqual(
    refusal('provenWithin', 'The client did not answer within 30 ms'),
  );
  expect(await client.request('own')).toEqual(
    refusal('maxRtt', 'The client did not answer within 70 ms'),
  );
});

test.each<[LivenessDemand, string]>([
  [{ provenWithin: 5 }, 'provenWithin'],
  [{ maxRtt: 5 }, 'maxRtt'],
  [{ provenWithin: 5, maxRtt: 5 }, 'provenWithin'],
])('%j: a client that is not tracked is refused', async (demand, failed) => {
  @Heartbeat(false)
  @WebSocketGateway({ path: '/exempt' })
  class ExemptGateway {
    @UseGuards(HeartbeatGuard)
    @RequireLiveness(demand)
    @SubscribeMessage('order')
    order(): unknown {
      return PASSED;
    }
  }

  const { url } = await startMonitored([ExemptGateway], QUIET);
  const client = await connectClient(`${url}/exempt`);
  expect(await client.request('order')).toEqual(
    refusal(failed, 'The liveness of this client is not known'),
  );
});

test.each([
  undefined,
  null,
  {},
  { provenWithin: 0 },
  { provenWithin: -1 },
  { provenWithin: NaN },
  { maxRtt: Infinity },
  { maxRtt: '5' },
  { maxRtt: 5, provenWithin: null },
  { within: 5 },
  5,
  'provenWithin',
])('@RequireLiveness(%p) is refused where it is written', (demand) => {
  expect(() => RequireLiveness(demand as LivenessDemand)).toThrow(
    new TypeError(
      '@RequireLiveness() takes { provenWithin, maxRtt }, one or both, each a finite number of milliseconds above 0.',
    ),
  );
});
