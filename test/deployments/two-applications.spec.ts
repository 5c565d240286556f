import { expect, test } from '@jest/globals';
import { Global, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { LivenessService } from 'nestjs-heartbeat';
import type { WebSocketServer as Server } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { createHttpApp, Deployment, expectMonitored } from './deployment.js';

test('two applications in one process: one drains while the other serves its clients', async () => {
  const first = await Deployment.http({ providers: [ChatGateway] });
  const second = await Deployment.http({ providers: [ChatGateway] });
  const leaving = [await first.connect('/chat'), await first.connect('/chat')];
  const staying = await second.connect('/chat');
  const closed = first.close();
  await first.events.when('draining');
  expect(first.liveness.snapshot().draining).toBe(true);
  expect(second.liveness.snapshot().draining).toBe(false);
  expect(await staying.request('say', 1)).toEqual({ event: 'said', data: 1 });
  await closed;
  for (const client of leaving) expect(await client.closed).toMatchObject({ code: 1012 });
  expect(second.events.about(staying.peer)).toEqual(['connected']);
  expect(second.events.of('draining')).toEqual([]);
  await expectMonitored(second, '/chat');
});

/** A gateway on its own port, beside a module whose start waits for `come()` before HeartbeatModule starts. */
function slowlyStarting(port: number, come: () => Promise<unknown>) {
  @WebSocketGateway(port)
  class EarlyGateway {
    server: Server | undefined;
    afterInit(server: Server): void {
      this.server = server;
    }
  }
  @Injectable()
  class SlowStart implements OnModuleInit {
    async onModuleInit(): Promise<void> {
      await come();
    }
  }
  // Nest calls the hooks of global modules first, in the order in which they are imported.
  @Global()
  @Module({ providers: [SlowStart] })
  class SlowModule {}
  return { imports: [SlowModule], providers: [EarlyGateway], EarlyGateway };
}

test('two applications of one gateway class, created before either starts: each adopts its own pre-init connections', async () => {
  const port = await freePort();
  let come: () => Promise<unknown> = () => connect(`ws://127.0.0.1:${port}`);
  const { EarlyGateway, ...metadata } = slowlyStarting(port, () => come());
  const first = await createHttpApp(metadata);
  // The module's instance that was made last is not the one that these clients belong to.
  const second = await createHttpApp(metadata);
  await first.init();
  const { server } = first.get(EarlyGateway);

  // Adopted together with its socket: its bytes are signs of life, and its address is known.
  const clients = [...first.get(LivenessService).clients()];
  expect(clients).toMatchObject([
    { state: 'alive', remoteAddress: expect.stringContaining('127.0.0.1') as unknown },
  ]);
  expect(second.get(LivenessService).size).toBe(0);
  expect(server?.clients.size).toBe(1);
  come = () => Promise.resolve();
  await first.close();
  await second.init();
  expect(second.get(LivenessService).size).toBe(0);
});

test('an application that is never started adds no listener to the servers of another one', async () => {
  @WebSocketGateway({ path: '/chat' })
  class LonelyGateway {
    server: Server | undefined;
    afterInit(server: Server): void {
      this.server = server;
    }
  }
  const alone = await Deployment.http({ providers: [LonelyGateway] });
  const expected = alone.app.get(LonelyGateway).server?.listenerCount('connection');

  const first = await createHttpApp({ providers: [LonelyGateway] });
  await createHttpApp({ providers: [LonelyGateway] });
  await first.init();
  expect(first.get(LonelyGateway).server?.listenerCount('connection')).toBe(expected);
});
