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
 * Starts an application with a gateway on its own port. `connectClients` runs in an `onModuleInit` hook, before
 * that of the HeartbeatModule. `peers` are the clients as the gateway receives them.
 */
async function startWithPreInit<Result>(
  connectClients: (url: string, peers: WebSocket[]) => Promise<Result>,
) {
  const port = await freePort();
  const peers: WebSocket[] = [];
  let result: Promise<Result> | undefined;
  @WebSocketGateway(port)
  class PortGateway {
    handleConnection(client: WebSocket): void {
      peers.push(client);
    }
  }
  @Injectable()
  class SlowStart implements OnModuleInit {
    async onModuleInit(): Promise<void> {
      await (result = connectClients(`ws://127.0.0.1:${port}`, peers));
    }
  }
  // Nest calls the hooks of global modules first, in the order in which they are imported.
  @Global()
  @Module({ providers: [SlowStart] })
  class SlowModule {}
  const app = await createApp({
    imports: [SlowModule, HeartbeatModule.forRoot(QUICK)],
    providers: [PortGateway],
  });
  const liveness = app.get(LivenessService);
  const events = new EventLog(liveness.events$);
  await app.init();
  return { app, liveness, events, peers, result: (await result) as Result };
}

test('pre-init connections are tracked, each once', async () => {
  const { app, events, peers, liveness } = await startWithPreInit(async (url) => {
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

test('a dead client with a pre-init connection is evicted', async () => {
  const {
    app,
    events,
    result: dead,
  } = await startWithPreInit((url) => connect(url, { autoPong: false }));
  expect(await dead.closed).toMatchObject({ code: 1006 });
  expect(events.of('evicted')[0]?.eviction.cause).toBe('unresponsive');
  await app.close();
});

test('received bytes of a pre-init connection are a sign of life, in the middle of a frame as well', async () => {
  const { app, events, liveness, result: raw } = await startWithPreInit((url) => connectRaw(url));
  // The header of a masked frame of 60 000 bytes, then its payload, byte by byte.
  raw.socket.write(Buffer.from([0x82, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
  const trickle = setInterval(() => raw.socket.write('.'), 20);
  const started = performance.now();
  while (performance.now() - started < 3 * QUICK.timeout) await once(raw.socket, 'frame');
  clearInterval(trickle);
  expect(liveness.size).toBe(1);
  expect(events.of('evicted')).toEqual([]);

  expect((await events.when('evicted')).eviction.cause).toBe('unresponsive');
  await app.close();
});

test('a pre-init connection that is closed before the application is ready is not tracked', async () => {
  const { app, events, peers, liveness } = await startWithPreInit(async (url, peersSoFar) => {
    const { socket } = await connect(url);
    const closed = once(peersSoFar[0] as WebSocket, 'close');
    socket.close();
    await closed;
  });
  expect(peers).toHaveLength(1);
  expect(liveness.size).toBe(0);
  expect(events.all).toEqual([]);
  await app.close();
});
