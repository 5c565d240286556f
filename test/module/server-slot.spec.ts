import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import { createApp, listen } from '../support/app.js';
import { connect } from '../support/client.js';
import { EventLog } from '../support/event-log.js';
import { QUICK, startMonitored } from '../support/monitored.js';

/** The names that `for … in` finds. */
function enumerable(object: object): string[] {
  const names = [];
  for (const name in object) names.push(name);
  return names;
}

/** All keys of the prototype of a gateway class and their metadata: where the module could leave something. */
function traces({ prototype }: { prototype: object }): unknown {
  return Reflect.ownKeys(prototype).map((key) => [
    key,
    Reflect.getMetadataKeys(prototype, key as string),
  ]);
}

const metadata = (gateway: new () => object) => ({
  imports: [HeartbeatModule.forRoot(QUICK)],
  providers: [gateway],
});

test('after the start a gateway has no enumerable property of the module', async () => {
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {
    readonly room = 'lobby';
  }

  const { app, connect: join, liveness } = await startMonitored([ChatGateway]);
  expect(enumerable(app.get(ChatGateway))).toEqual(['room']);
  expect(enumerable(ChatGateway.prototype)).toEqual([]);
  expect(JSON.stringify(app.get(ChatGateway))).toBe('{"room":"lobby"}');
  const { peer } = await join('/chat');
  expect(liveness.isAlive(peer)).toBe(true);
});

test('shutdown restores the prototype of a gateway class', async () => {
  @Heartbeat()
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {
    handleEvict(): void {}
  }
  const before = traces(ChatGateway);

  const { app, close } = await startMonitored([ChatGateway]);
  const gateway = app.get(ChatGateway);
  expect(traces(ChatGateway)).not.toEqual(before);
  await close();
  expect(traces(ChatGateway)).toEqual(before);
  expect(Reflect.ownKeys(gateway)).toEqual([]);
});

test('closing an application that never listened restores the prototype as well', async () => {
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {}
  const before = traces(ChatGateway);

  const app = await createApp(metadata(ChatGateway));
  await app.init();
  await app.close();
  expect(traces(ChatGateway)).toEqual(before);
});

test('with two applications that share a gateway class the last shutdown restores the prototype', async () => {
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {}
  const before = traces(ChatGateway);

  const first = await startMonitored([ChatGateway]);
  const second = await startMonitored([ChatGateway]);
  await first.close();
  expect(traces(ChatGateway)).not.toEqual(before);
  const { peer } = await second.connect('/chat');
  expect(second.liveness.isAlive(peer)).toBe(true);
  await second.close();
  expect(traces(ChatGateway)).toEqual(before);
});

test('an application that closes does not disturb another one that is still starting', async () => {
  @WebSocketGateway({ path: '/chat' })
  class ChatGateway {}
  const before = traces(ChatGateway);

  const first = await startMonitored([ChatGateway]);
  const app = await createApp(metadata(ChatGateway));
  const liveness = app.get(LivenessService);
  const events = new EventLog(liveness.events$);
  await first.close();
  const url = await listen(app);
  const connected = events.next('connected');
  await connect(`${url}/chat`);
  expect(liveness.isAlive((await connected).client)).toBe(true);
  expect(enumerable(app.get(ChatGateway))).toEqual([]);
  await app.close();
  expect(traces(ChatGateway)).toEqual(before);
});

test('a subclass and its parent are both monitored, and shutdown restores both prototypes', async () => {
  @WebSocketGateway({ path: '/parent' })
  class ParentGateway {}
  @WebSocketGateway({ path: '/child' })
  class ChildGateway extends ParentGateway {}
  const before = [traces(ParentGateway), traces(ChildGateway)];

  const {
    app,
    close,
    connect: join,
    liveness,
  } = await startMonitored([ParentGateway, ChildGateway]);
  expect(enumerable(app.get(ChildGateway))).toEqual([]);
  for (const [path, name] of [
    ['/parent', 'ParentGateway'],
    ['/child', 'ChildGateway'],
  ] as const) {
    const { peer } = await join(path);
    expect(liveness.get(peer)?.gateways).toEqual([name]);
  }
  await close();
  expect([traces(ParentGateway), traces(ChildGateway)]).toEqual(before);
});
