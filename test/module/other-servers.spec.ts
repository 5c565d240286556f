import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import {
  Heartbeat,
  HeartbeatModule,
  LivenessService,
  type HeartbeatModuleOptions,
} from 'nestjs-heartbeat';
import { createApp } from '../support/app.js';
import { EventEmitterAdapter } from '../support/event-emitter.adapter.js';

@WebSocketGateway()
class ChatGateway {}

async function createWithOtherServers(provider: unknown, options?: HeartbeatModuleOptions) {
  const app = await createApp({
    imports: [HeartbeatModule.forRoot(options)],
    providers: [provider as typeof ChatGateway],
  });
  app.useWebSocketAdapter(new EventEmitterAdapter());
  return app;
}

test('an application does not start if the server of a monitored gateway has no handleUpgrade()', async () => {
  const app = await createWithOtherServers(ChatGateway);
  await expect(app.init()).rejects.toMatchObject({
    name: 'HeartbeatOptionsError',
    message:
      'ChatGateway is monitored by HeartbeatModule, but its server is not a server of the `ws` package (it has no ' +
      'handleUpgrade()). Call app.useWebSocketAdapter(new WsAdapter(app)) from @nestjs/platform-ws before the ' +
      'application starts, or exempt the gateway with @Heartbeat(false).',
  });
  await app.close();
});

test("the error names the gateway with gateways: 'decorated' as well", async () => {
  @Heartbeat()
  @WebSocketGateway()
  class DecoratedGateway {}

  const app = await createWithOtherServers(DecoratedGateway, { gateways: 'decorated' });
  await expect(app.init()).rejects.toThrow(
    /^DecoratedGateway is monitored by HeartbeatModule, but/,
  );
  await app.close();
});

test('an exempt gateway can have any server', async () => {
  @Heartbeat(false)
  @WebSocketGateway()
  class ExemptGateway {}

  const app = await createWithOtherServers(ExemptGateway);
  await app.init();
  expect(app.get(LivenessService).snapshot().servers).toEqual([]);
  await app.close();
});

test("an undecorated gateway can have any server with gateways: 'decorated'", async () => {
  const app = await createWithOtherServers(ChatGateway, { gateways: 'decorated' });
  await app.init();
  expect(app.get(LivenessService).snapshot().servers).toEqual([]);
  await app.close();
});
