import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import type { WebSocketServer as Server, WebSocket } from 'ws';
import { createApp, listen, startApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
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

@Heartbeat()
@WebSocketGateway({ path: '/chat' })
class SharedGateway {
  readonly evicted: unknown[] = [];
  handleEvict(client: unknown): void {
    this.evicted.push(client);
  }
}

/** Counts the listeners of a server with several gateways, and of one of its clients. */
async function countListeners(imports: ReturnType<typeof HeartbeatModule.forRoot>[]) {
  const gateways = Array.from({ length: 4 }, () => {
    @WebSocketGateway({ path: '/chat' })
    class ChatGateway {
      @WebSocketServer()
      readonly server!: Server;
    }
    return ChatGateway;
  });
  const { app, url } = await startApp({ imports, providers: gateways });
  await connect(`${url}/chat`);
  const { server } = app.get(gateways[0] as (typeof gateways)[number]);
  const [client] = server.clients as Iterable<WebSocket>;
  const counts = {
    server: ['connection', 'close', 'error', 'listening'].map((event) => count(server, event)),
    client: ['message', 'close', 'ping', 'pong', 'error'].map((event) => count(client, event)),
  };
  await app.close();
  return counts;
}

function count(emitter: Server | WebSocket | undefined, event: string): number {
  return Number(emitter?.listenerCount(event));
}

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

test('a gateway class serves two applications one after the other', async () => {
  for (let run = 1; run <= 2; run++) {
    const { app, close, connect, events, liveness } = await startMonitored([SharedGateway]);
    const dead = await connect('/chat', { autoPong: false });
    expect(liveness.size).toBe(1);
    await dead.closed;
    expect(events.about(dead.peer)).toEqual(['connected', 'suspect', 'evicted', 'disconnected']);
    expect(app.get(SharedGateway).evicted).toEqual([dead.peer]);
    await close();
  }
});

test('a gateway class serves two applications at the same time, each with its own clients', async () => {
  const first = await startMonitored([SharedGateway], { interval: 100, timeout: 300 });
  const second = await startMonitored([SharedGateway], { interval: 100, timeout: 600 });
  const firstClient = await first.connect('/chat', { autoPong: false });
  const secondClient = await second.connect('/chat');
  expect(first.liveness.get(firstClient.peer)).toBeDefined();
  expect(first.liveness.get(secondClient.peer)).toBeUndefined();
  expect(second.liveness.get(secondClient.peer)).toBeDefined();
  expect(second.liveness.size).toBe(1);

  await firstClient.closed;
  expect(first.app.get(SharedGateway).evicted).toEqual([firstClient.peer]);
  expect(second.app.get(SharedGateway).evicted).toEqual([]);

  await first.close();
  expect(second.liveness.isAlive(secondClient.peer)).toBe(true);
  await expect(second.liveness.probe(secondClient.peer)).resolves.toBeGreaterThan(0);
});

test('the module adds one listener to a server with several gateways, and one per event to a client', async () => {
  const bare = await countListeners([]);
  const monitored = await countListeners([HeartbeatModule.forRoot()]);
  const added = (kind: 'server' | 'client') =>
    monitored[kind].map((listeners, index) => listeners - Number(bare[kind][index]));
  expect(added('server')).toEqual([1, 0, 0, 0]);
  expect(added('client')).toEqual([1, 1, 1, 1, 0]);
});

test('printing or copying a client shows nothing of the module', async () => {
  const { connect: join, liveness } = await startMonitored([ChatGateway]);
  const { peer } = await join('/chat');
  expect(liveness.get(peer)).toBeDefined();
  expect(inspect(peer, { depth: 0 })).not.toMatch(/heartbeat|WsConnection/i);
  const copied = Object.getOwnPropertySymbols({ ...peer }).map(String);
  expect(copied).not.toContain('Symbol(heartbeat)');
});
