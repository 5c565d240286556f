import { expect, test } from '@jest/globals';
import { Controller, Injectable } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { connect as connectClient } from '../support/client.js';
import { LogRecorder } from '../support/log-recorder.js';
import { QUICK, startMonitored } from '../support/monitored.js';

@Heartbeat({ interval: 150, timeout: 350, idleTimeout: 60_000 })
@WebSocketGateway({ path: '/parent' })
class ParentGateway {
  evicted: unknown[] = [];
  handleEvict(client: unknown): void {
    this.evicted.push(client);
  }
  @SubscribeMessage('className')
  className(): unknown {
    return { event: 'className', data: this.constructor.name };
  }
}

const NONE_DECORATED =
  "The module is set to gateways: 'decorated', but no gateway carries @Heartbeat(), so none is monitored. " +
  'Decorate a gateway that is listed among the providers, or leave `gateways` out to monitor all.';
const NO_GATEWAY =
  'carries @Heartbeat(), but is no gateway, so the decorator has no effect. ' +
  'Move it to a class with @WebSocketGateway(), or remove it.';

@WebSocketGateway({ path: '/plain' })
class PlainGateway {}

@Heartbeat(false)
@WebSocketGateway({ path: '/exempt' })
class ExemptGateway {}

@Heartbeat()
@WebSocketGateway({ path: '/decorated' })
class DecoratedGateway {}

type Parts = Parameters<typeof startMonitored>;

/** Starts an application and returns the warnings that it logs. */
async function warnings(
  providers: Parts[0],
  options: HeartbeatModuleOptions = {},
  controllers: NonNullable<Parts[2]>['controllers'] = [],
): Promise<string[]> {
  const logger = new LogRecorder();
  await startMonitored(providers, options, { logger, controllers });
  return logger.of('warn');
}

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

test('a subclass inherits the @Heartbeat() of its parent, its path and its hooks', async () => {
  class ChildGateway extends ParentGateway {}

  const { app, connect, liveness } = await startMonitored([ChildGateway]);
  expect(liveness.snapshot().servers).toMatchObject([
    { name: 'ChildGateway', policy: { interval: 150, timeout: 350, idleTimeout: 60_000 } },
  ]);
  const dead = await connect('/parent', { autoPong: false });
  expect(await dead.request('className')).toEqual({ event: 'className', data: 'ChildGateway' });
  await dead.closed;
  expect(app.get(ChildGateway).evicted).toEqual([dead.peer]);
});

test('the @Heartbeat() of a subclass replaces that of its parent and never merges with it', async () => {
  @Heartbeat({ timeout: 500 })
  @WebSocketGateway({ path: '/child' })
  class ChildGateway extends ParentGateway {}

  const { liveness } = await startMonitored([ParentGateway, ChildGateway]);
  const policies = liveness.snapshot().servers.map(({ name, policy }) => [name, policy]);
  expect(Object.fromEntries(policies)).toMatchObject({
    ParentGateway: { interval: 150, timeout: 350, idleTimeout: 60_000 },
    ChildGateway: { interval: 100, timeout: 500, idleTimeout: false },
  });
});

test('@Heartbeat(false) on a subclass exempts it from the heartbeat of its parent', async () => {
  @Heartbeat(false)
  @WebSocketGateway({ path: '/child' })
  class ChildGateway extends ParentGateway {}

  const { connect, liveness, url } = await startMonitored([ParentGateway, ChildGateway]);
  const exempt = await connectClient(`${url}/child`);
  await connect('/parent');
  expect([...liveness.clients()].map(({ gateways }) => gateways)).toEqual([['ParentGateway']]);
  exempt.socket.terminate();
});

test('a parent and its subclass are two gateways with separate servers', async () => {
  @WebSocketGateway({ path: '/child' })
  class ChildGateway extends ParentGateway {}

  const { app, connect, liveness } = await startMonitored([ParentGateway, ChildGateway]);
  const parent = await connect('/parent', { autoPong: false });
  const child = await connect('/child', { autoPong: false });
  expect(liveness.get(parent.peer)?.gateways).toEqual(['ParentGateway']);
  expect(liveness.get(child.peer)?.gateways).toEqual(['ChildGateway']);
  await Promise.all([parent.closed, child.closed]);
  expect(app.get(ParentGateway).evicted).toEqual([parent.peer]);
  expect(app.get(ChildGateway).evicted).toEqual([child.peer]);
});

test("boot warns where gateways: 'decorated' is set and no gateway is decorated", async () => {
  const options = { gateways: 'decorated' } as const;
  expect(await warnings([PlainGateway], options)).toEqual([NONE_DECORATED]);
  expect(await warnings([], options)).toEqual([NONE_DECORATED]);
  expect(await warnings([PlainGateway, ExemptGateway], options)).toEqual([NONE_DECORATED]);
  expect(await warnings([PlainGateway, DecoratedGateway], options)).toEqual([]);
  expect(await warnings([PlainGateway, ExemptGateway])).toEqual([]);
});

test('boot warns about @Heartbeat() on a class that is not a gateway', async () => {
  @Heartbeat({ interval: 5_000 })
  @Injectable()
  class ChatService {}
  @Heartbeat()
  @Controller()
  class ChatController {}
  @Heartbeat(false)
  class Made {}
  @Heartbeat()
  class Base {}
  @WebSocketGateway({ path: '/child' })
  class ChildGateway extends Base {}

  expect(
    await warnings(
      [
        ChatService,
        { provide: 'alias', useExisting: ChatService },
        { provide: 'made', useFactory: () => new Made() },
        ChildGateway,
        DecoratedGateway,
      ],
      {},
      [ChatController],
    ),
  ).toEqual([`ChatService ${NO_GATEWAY}`, `Made ${NO_GATEWAY}`, `ChatController ${NO_GATEWAY}`]);
});
