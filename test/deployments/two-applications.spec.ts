import { expect, test } from '@jest/globals';
import type { OnModuleInit, Type } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { LivenessService } from 'nestjs-heartbeat';
import type { WebSocketServer as Server } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { connect } from '../support/client.js';
import { eventually } from '../support/eventually.js';
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
  expect(await staying.ask('say', 1)).toEqual({ event: 'said', data: 1 });
  await closed;
  for (const client of leaving) expect(await client.closed).toMatchObject({ code: 1012 });
  expect(second.events.about(staying.peer)).toEqual(['connected']);
  expect(second.events.of('draining')).toEqual([]);
  await expectMonitored(second, '/chat');
});

/** A gateway on its own port, and a provider whose start waits until the test lets it go on. */
function gatewayWithSlowStart(port: number) {
  let proceed = (): void => {};
  const gate = new Promise<void>((resolve) => (proceed = resolve));
  @WebSocketGateway(port)
  class EarlyGateway implements OnModuleInit {
    server: Server | undefined;
    afterInit(server: Server): void {
      this.server = server;
    }
    onModuleInit(): Promise<void> {
      return gate;
    }
  }
  return { EarlyGateway: EarlyGateway as Type<{ server: Server | undefined }>, proceed };
}

test('two applications of one gateway class, made before either starts: each adopts its own early clients', async () => {
  const port = await freePort();
  const { EarlyGateway, proceed } = gatewayWithSlowStart(port);
  const first = await createHttpApp({ providers: [EarlyGateway] });
  // Made, but not started: its own gateway has no server yet.
  const second = await createHttpApp({ providers: [EarlyGateway] });
  const started = first.init();
  const { server } = first.get(EarlyGateway);
  expect(await eventually(() => first.get(EarlyGateway).server !== undefined)).toBe(true);
  expect(server ?? first.get(EarlyGateway).server).toBeDefined();
  const early = await connect(`ws://127.0.0.1:${port}`);
  proceed();
  await started;

  const liveness = first.get(LivenessService);
  const [known] = [...liveness.clients()];
  // Adopted together with its socket, whose bytes are signs of life.
  expect(known).toMatchObject({ state: 'alive', remoteAddress: '127.0.0.1' });
  expect(second.get(LivenessService).size).toBe(0);
  // One listener of Nest, one of the adapter, one of the application that the server belongs to.
  const listeners = first.get(EarlyGateway).server?.listenerCount('connection');
  await second.close();
  expect(first.get(EarlyGateway).server?.listenerCount('connection')).toBe(listeners);
  early.socket.terminate();
});
