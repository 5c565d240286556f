import { expect, test } from '@jest/globals';
import { Controller, Injectable } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

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
