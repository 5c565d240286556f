import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { connect as connectClient } from '../support/client.js';
import { QUICK, startMonitored } from '../support/monitored.js';

test('@Heartbeat() overrides only those options of the module that it sets', async () => {
  @Heartbeat({ timeout: 400, idleTimeout: 60_000 })
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {}

  const { liveness } = await startMonitored([ChatGateway], { ...QUICK, maxLifetime: 90_000 });
  expect(liveness.snapshot().servers[0]?.policy).toMatchObject({
    interval: 100,
    timeout: 400,
    idleTimeout: 60_000,
    maxLifetime: 90_000,
  });
});

test('@Heartbeat() applies to the clients of its gateway only', async () => {
  @Heartbeat({ interval: 100, timeout: 300 })
  @WebSocketGateway({ path: '/short' })
  class ShortTimeoutGateway {}
  @WebSocketGateway({ path: '/default' })
  class DefaultGateway {}

  const { connect, events, liveness } = await startMonitored(
    [ShortTimeoutGateway, DefaultGateway],
    {},
  );
  const other = await connect('/default', { autoPong: false });
  const short = await connect('/short', { autoPong: false });
  await short.closed;
  expect(events.of('evicted').map(({ client }) => client)).toEqual([short.peer]);
  expect(liveness.get(other.peer)?.state).toBe('alive');
});

test('@Heartbeat() works below and above @WebSocketGateway()', async () => {
  @WebSocketGateway({ path: '/below' })
  @Heartbeat({ timeout: 400 })
  class BelowGateway {}
  @Heartbeat({ timeout: 600 })
  @WebSocketGateway({ path: '/above' })
  class AboveGateway {}

  const { connect, liveness } = await startMonitored([BelowGateway, AboveGateway]);
  const timeouts = liveness.snapshot().servers.map(({ name, policy }) => [name, policy.timeout]);
  expect(Object.fromEntries(timeouts)).toEqual({ BelowGateway: 400, AboveGateway: 600 });
  await connect('/below');
  await connect('/above');
  expect(liveness.size).toBe(2);
});

test.each<[HeartbeatModuleOptions]>([[QUICK], [{ ...QUICK, gateways: 'decorated' }]])(
  '@Heartbeat(false) exempts a gateway: its clients are not tracked (%j)',
  async (options) => {
    @Heartbeat(false)
    @WebSocketGateway({ path: '/exempt' })
    class ExemptGateway {}
    @Heartbeat()
    @WebSocketGateway({ path: '/chat' })
    class ChatGateway {}

    const { connect, events, liveness, url } = await startMonitored(
      [ExemptGateway, ChatGateway],
      options,
    );
    const exempt = await connectClient(`${url}/exempt`, { autoPong: false });
    const dead = await connect('/chat', { autoPong: false });
    expect(liveness.size).toBe(1);
    await dead.closed;
    expect(exempt.socket.readyState).toBe(exempt.socket.OPEN);
    expect(exempt.pings).toEqual([]);
    expect(events.of('connected').map(({ client }) => client)).toEqual([dead.peer]);
    exempt.socket.terminate();
  },
);

test("gateways: 'decorated' monitors only gateways with @Heartbeat()", async () => {
  @Heartbeat()
  @WebSocketGateway({ path: '/decorated' })
  class DecoratedGateway {}
  @WebSocketGateway({ path: '/plain' })
  class PlainGateway {}

  const { connect, liveness, url } = await startMonitored([DecoratedGateway, PlainGateway], {
    ...QUICK,
    gateways: 'decorated',
  });
  const plain = await connectClient(`${url}/plain`);
  await connect('/decorated');
  expect([...liveness.clients()].map(({ gateways }) => gateways)).toEqual([['DecoratedGateway']]);
  expect(liveness.snapshot().servers.map(({ name }) => name)).toEqual(['DecoratedGateway']);
  plain.socket.terminate();
});

test("gateways: 'decorated' monitors an undecorated gateway on the server of a decorated one", async () => {
  @Heartbeat()
  @WebSocketGateway({ path: '/shared' })
  class DecoratedGateway {}
  @WebSocketGateway({ path: '/shared' })
  class PlainGateway {}

  const { connect, liveness } = await startMonitored([DecoratedGateway, PlainGateway], {
    ...QUICK,
    gateways: 'decorated',
  });
  const { peer } = await connect('/shared');
  expect(liveness.get(peer)?.gateways).toHaveLength(2);
});
