import { expect, test } from '@jest/globals';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat } from 'nestjs-heartbeat';
import { connect as connectClient } from '../support/client.js';
import { startMonitored } from '../support/monitored.js';

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
