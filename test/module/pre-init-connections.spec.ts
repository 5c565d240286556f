import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { Global, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatModule, LivenessService } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { createApp } from '../support/app.js';
import { connect } from '../support/client.js';
import { EventLog } from '../support/event-log.js';
import { freePort } from '../support/free-port.js';
import { QUICK } from '../support/monitored.js';
import { connectRaw } from '../support/raw-client.js';

/**
 * Starts a gateway on a port of its own whose clients come while an `onModuleInit` hook still runs, before
 * that of the HeartbeatModule. `peers` are the clients as the gateway has them.
 */
async function startWithEarly<Come>(come: (url: string, peers: WebSocket[]) => Promise<Come>) {
  const port = await freePort();
  const peers: WebSocket[] = [];
  let early: Promise<Come> | undefined;
  @WebSocketGateway(port)
  class EarlyGateway {
    handleConnection(client: WebSocket): void {
      peers.push(client);
    }
  }
  @Injectable()
  class SlowStart implements OnModuleInit {
    async onModuleInit(): Promise<void> {
      await (early = come(`ws://127.0.0.1:${port}`, peers));
    }
  }
  // Nest calls the hooks of global modules first, in the order in which they are imported.
  @Global()
  @Module({ providers: [SlowStart] })
  class SlowModule {}
  const app = await createApp({
    imports: [SlowModule, HeartbeatModule.forRoot(QUICK)],
    providers: [EarlyGateway],
  });
  const liveness = app.get(LivenessService);
  const events = new EventLog(liveness.events$);
  await app.init();
  return { app, liveness, events, peers, early: (await early) as Come };
}

test('clients that come while the application starts are tracked, each once', async () => {
  const { app, events, peers, liveness } = await startWithEarly(async (url) => {
    await connect(url);
    await connect(url);
  });
  expect(peers).toHaveLength(2);
  expect(liveness.size).toBe(2);
  expect(events.of('connected').map(({ client }) => client)).toEqual(peers);
  expect(peers.map((client) => liveness.get(client)?.remoteAddress)).toEqual([
    expect.stringContaining('127.0.0.1'),
    expect.stringContaining('127.0.0.1'),
  ]);
  await app.close();
});

test('a client that came early and is dead is evicted', async () => {
  const { app, early, events } = await startWithEarly((url) => connect(url, { autoPong: false }));
  expect(await early.closed).toMatchObject({ code: 1006 });
  expect(events.of('evicted')[0]?.eviction.cause).toBe('unresponsive');
  await app.close();
});

test('the bytes of a client that came early count as life, in the middle of a frame as well', async () => {
  const { app, early, events, liveness } = await startWithEarly((url) => connectRaw(url));
  // The head of one masked frame of 60 000 bytes, then a byte of it at a time.
  early.socket.write(Buffer.from([0x82, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
  const trickle = setInterval(() => early.socket.write('.'), 20);
  const started = performance.now();
  while (performance.now() - started < 3 * QUICK.timeout) await once(early.socket, 'frame');
  clearInterval(trickle);
  expect(liveness.size).toBe(1);
  expect(events.of('evicted')).toEqual([]);

  expect((await events.when('evicted')).eviction.cause).toBe('unresponsive');
  await app.close();
});

test('a client that came early and left before the application was ready is forgotten', async () => {
  const { app, events, peers, liveness } = await startWithEarly(async (url, come) => {
    const { socket } = await connect(url);
    const gone = once(come[0] as WebSocket, 'close');
    socket.close();
    await gone;
  });
  expect(peers).toHaveLength(1);
  expect(liveness.size).toBe(0);
  expect(events.all).toEqual([]);
  await app.close();
});
