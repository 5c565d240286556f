import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import {
  SubscribeMessage,
  ConnectedSocket,
  MessageBody,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { HeartbeatModuleOptions, LivenessService } from 'nestjs-heartbeat';
import { WebSocketServer, type WebSocket } from 'ws';
import { blockFor } from '../support/block.js';
import { connect as connectClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { areCollected } from './garbage.js';
import { QUICK, startMonitored, type MonitoredApp } from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';

/** What a request keeps in its context. */
class Store {
  constructor(readonly user: string) {}
}

const storage = new AsyncLocalStorage<Store>();
const here = () => storage.getStore()?.user;
const asAlice = <Result>(act: () => Result): Result => storage.run(new Store('alice'), act);

/** A gateway that notes in which context its hooks run. */
@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  readonly contexts: [hook: string, context: string | undefined][] = [];
  onHook: () => unknown = () => {};
  socket: Socket | undefined;

  handleConnection(_client: WebSocket, { socket }: IncomingMessage): void {
    this.socket = socket;
  }
  handleSuspect(): unknown {
    return this.note('suspect');
  }
  handleRecover(): unknown {
    return this.note('recover');
  }
  handleEvict(): unknown {
    return this.note('evict');
  }
  @SubscribeMessage('block')
  block(@ConnectedSocket() client: WebSocket, @MessageBody() duration: number): void {
    blockFor(client, duration);
  }
  private note(hook: string): unknown {
    this.contexts.push([hook, here()]);
    return this.onHook();
  }
}

/** A ping of a client, without payload: RFC 6455, section 5.5.2. */
const PING = '898000000000';

const servers = new Set<WebSocketServer>();

afterEach(() => {
  for (const server of servers) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
  servers.clear();
});

/** A plain `ws` server that no gateway has. */
async function startServer(): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  servers.add(server);
  server.on('connection', (client) => client.on('error', () => {}));
  await once(server, 'listening');
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** An application that was started in a context of its own, and the contexts of its hooks and events. */
async function startInContext(options: HeartbeatModuleOptions = QUICK) {
  const started = await storage.run(new Store('start'), () =>
    startMonitored([ChatGateway], options),
  );
  const gateway = started.app.get(ChatGateway);
  const seen: [type: string, context: string | undefined][] = [];
  asAlice(() => started.liveness.events$.subscribe(({ type }) => seen.push([type, here()])));
  const contextsOf = (...types: string[]) => [
    ...new Set(
      [...seen, ...gateway.contexts].filter(([type]) => types.includes(type)).map(([, at]) => at),
    ),
  ];
  return { ...started, gateway, seen, contextsOf };
}

type Way = (liveness: LivenessService, client: WebSocket, server: WebSocketServer) => unknown;

/** Everything that a request can call and that leaves the client open. */
const WAYS: Record<string, Way> = {
  update: (liveness, client) => liveness.update(client, { interval: 40, timeout: 300 }),
  watch: (liveness, _, server) => liveness.watch(server, { interval: 40, timeout: 300 }),
  unwatch: (liveness, _, server) => liveness.watch(server, { interval: 40, timeout: 300 })(),
  probe: (liveness, client) => liveness.probe(client),
  admit: (liveness, client) => liveness.admit(client),
  touch: (liveness, client) => liveness.touch(client),
  'pause and resume': (liveness, client) => {
    liveness.pause(client);
    liveness.resume(client);
  },
  'get, clients and snapshot': (liveness, client) => [
    liveness.get(client),
    [...liveness.clients()],
    liveness.snapshot(),
  ],
};

test.each(Object.entries(WAYS))(
  'after %s in a request, hooks and events run in the context of the start',
  async (_, way) => {
    const { connect, contextsOf, events, gateway, liveness } = await startInContext();
    const { server } = await startServer();
    const client = await connect('/chat');
    await asAlice(() => way(liveness, client.peer, server));
    const dead = await connect('/chat', { autoPong: false });
    await events.when('suspect', (event) => event.client === dead.peer);
    dead.socket.pong();
    await dead.closed;
    await events.when('disconnected', (event) => event.client === dead.peer);
    expect(contextsOf('connected', 'suspect', 'recovered', 'evicted', 'disconnected')).toEqual([
      'start',
    ]);
    expect(gateway.contexts.map(([hook]) => hook)).toEqual([
      'suspect',
      'recover',
      'suspect',
      'evict',
    ]);
    expect(contextsOf('suspect', 'recover', 'evict')).toEqual(['start']);
  },
);

test('the clients of a server that a request watches run in the context of the start', async () => {
  const { contextsOf, events, liveness } = await startInContext();
  const { server, url } = await startServer();
  asAlice(() => liveness.watch(server));
  await (
    await connectClient(url, { autoPong: false })
  ).closed;
  await events.when('disconnected');
  expect(contextsOf('connected', 'suspect', 'evicted', 'disconnected')).toEqual(['start']);
});

test('what watch() itself causes runs in the context of its call', async () => {
  const { events, contextsOf, liveness } = await startInContext();
  const { server, url } = await startServer();
  await connectClient(url);
  const unwatch = asAlice(() => liveness.watch(server));
  expect(contextsOf('connected')).toEqual(['alice']);
  storage.run(new Store('bob'), unwatch);
  expect(contextsOf('unwatched')).toEqual(['bob']);
  expect(events.of('unwatched')).toHaveLength(1);
});

test('disconnect() evicts in the context of its call; the close comes in that of the start', async () => {
  const { connect, contextsOf, events, gateway, liveness } = await startInContext();
  const { peer } = await connect('/chat');
  asAlice(() => liveness.disconnect(peer));
  await events.when('disconnected');
  expect(gateway.contexts).toEqual([['evict', 'alice']]);
  expect(contextsOf('evicted')).toEqual(['alice']);
  expect(contextsOf('disconnected')).toEqual(['start']);
});

test('drain() evicts in the context of its call, clients that come meanwhile, too', async () => {
  const { connect, contextsOf, events, gateway, liveness, url } = await startInContext();
  for (let count = 0; count < 20; count++) await connect('/chat');
  const drained = asAlice(() => liveness.drain());
  await events.when('evicted');
  const late = await connectClient(`${url}/chat`);
  await late.closed;
  await drained;
  expect(gateway.contexts).toHaveLength(21);
  expect(contextsOf('draining', 'evicted', 'evict')).toEqual(['alice']);
  expect(contextsOf('connected', 'disconnected')).toEqual(['start']);
});

test('a client that comes after the drain is evicted in the context of the start', async () => {
  const { gateway, liveness, url } = await startInContext();
  await asAlice(() => liveness.drain());
  const late = await connectClient(`${url}/chat`);
  await late.closed;
  expect(gateway.contexts).toEqual([['evict', 'start']]);
});

test.each<[string, (client: WebSocket) => void]>([
  ['closes', (client) => client.close(4000)],
  ['terminates', (client) => client.terminate()],
])('a connection that a request %s ends in the context of the start', async (_, end) => {
  const { connect, contextsOf, events } = await startInContext();
  const { peer } = await connect('/chat');
  asAlice(() => end(peer));
  await events.when('disconnected');
  expect(contextsOf('disconnected')).toEqual(['start']);
});

const FLOOD = { ...QUICK, limits: { pings: { rate: 1, burst: 5 } }, drain: false } as const;

/** Starts with a client whose pings, more than it may send, have arrived but are not read. */
async function startBeforeFlood() {
  const started = await startInContext(FLOOD);
  const { events, gateway, url } = started;
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  client.pause();
  const pings = Buffer.from(PING.repeat(8), 'hex');
  raw.socket.write(pings);
  expect(await eventually(() => gateway.socket?.readableLength === pings.length)).toBe(true);
  return { ...started, client, raw };
}

test('a flood that is read in a request is evicted in the context of the start', async () => {
  const { client, contextsOf, events, raw } = await startBeforeFlood();
  const readIn = new Set<string | undefined>();
  client.on('ping', () => readIn.add(here()));
  asAlice(() => client.resume());
  await events.when('evicted');
  raw.socket.destroy();
  await events.when('disconnected');
  expect([...readIn]).toEqual(['alice']);
  expect(contextsOf('evicted', 'evict', 'disconnected')).toEqual(['start']);
});

test('a context that a subscriber or a hook enters reaches no other', async () => {
  const { connect, contextsOf, events, gateway, liveness } = await startInContext();
  liveness.events$.subscribe(({ type }) => {
    if (type === 'stalled') storage.enterWith(new Store('mallory'));
  });
  gateway.onHook = () => storage.enterWith(new Store('mallory'));
  const { send } = await connect('/chat');
  send('block', 400);
  await events.when('stalled');
  const dead = [
    await connect('/chat', { autoPong: false }),
    await connect('/chat', { autoPong: false }),
  ];
  await Promise.all(dead.map(({ closed }) => closed));
  await eventually(() => events.of('disconnected').length === 2);
  expect(gateway.contexts.length).toBeGreaterThanOrEqual(4);
  expect(contextsOf('suspect', 'evict', 'evicted', 'disconnected')).toEqual(['start']);
});

// --- no context is kept after its call

/** Runs `act` in a request. Returns whether the store of the request is garbage-collected afterwards. */
async function isCollectedAfter(act: () => unknown): Promise<boolean> {
  return areCollected([await request(act)]);
}

async function request(act: () => unknown): Promise<WeakRef<Store>> {
  const store = new Store('alice');
  await storage.run(store, act);
  return new WeakRef(store);
}

async function startWithClient(): Promise<MonitoredApp & { peer: WebSocket }> {
  const options = { interval: 5_000, timeout: 10_000, drain: false } as const;
  const started = await startInContext(options);
  const { peer } = await started.connect('/chat');
  return { ...started, peer };
}

test.each(Object.entries(WAYS))(
  'after %s the context of the request is let go of',
  async (_, way) => {
    const { liveness, peer } = await startWithClient();
    const { server } = await startServer();
    expect(await isCollectedAfter(() => way(liveness, peer, server))).toBe(true);
    expect(liveness.isAlive(peer)).toBe(true);
  },
);

test('after a probe that found no answer the context of the request is let go of', async () => {
  const { connect, liveness } = await startWithClient();
  const dead = await connect('/chat', { autoPong: false });
  const probe = () => expect(liveness.probe(dead.peer, 50)).rejects.toThrow('within 50 ms');
  expect(await isCollectedAfter(probe)).toBe(true);
});

test('after drain() the context of the request is let go of, though its report is kept', async () => {
  const { connect, liveness } = await startWithClient();
  await connect('/chat');
  expect(await isCollectedAfter(() => liveness.drain())).toBe(true);
  expect(await liveness.drain()).toMatchObject({ closed: 2 });
});

test('after disconnect() the context of the request is let go of, though the client never answers', async () => {
  const { events, liveness, url } = await startWithClient();
  const next = events.next('connected');
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await next;
  expect(await isCollectedAfter(() => liveness.disconnect(client))).toBe(true);
  expect(liveness.get(client)?.state).toBe('evicted');
  raw.socket.destroy();
});

test('a hook whose promise never settles keeps no context', async () => {
  const { app, liveness, peer } = await startWithClient();
  app.get(ChatGateway).onHook = () => new Promise(() => {});
  expect(await isCollectedAfter(() => liveness.disconnect(peer))).toBe(true);
});

test('after a flood that was read in it the context of a request is let go of, though the client never answers', async () => {
  const { client, events, raw } = await startBeforeFlood();
  const flood = async () => {
    client.resume();
    await nextTurn();
  };
  expect(await isCollectedAfter(flood)).toBe(true);
  await events.when('evicted', ({ eviction }) => eviction.cause === 'flooding');
  expect(client.isPaused).toBe(true);
  expect(client.readyState).toBe(client.CLOSING);
  raw.socket.destroy();
});
