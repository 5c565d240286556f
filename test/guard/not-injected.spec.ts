import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { Controller, Get, UseGuards, type LoggerService } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { HeartbeatGuard, HeartbeatModule, RequireLiveness } from 'nestjs-heartbeat';
import { getText } from '../support/http.js';
import { createApp, listen } from '../support/app.js';
import { startMonitored } from '../support/monitored.js';

const CODE = 'HEARTBEAT_GUARD_NOT_INJECTED';
const TEXT = /created with `new`.*@UseGuards\(HeartbeatGuard\).*APP_GUARD/;

const handled: string[] = [];

@WebSocketGateway({ path: '/orders' })
class OrdersGateway {
  @SubscribeMessage('order')
  order(): unknown {
    handled.push('order');
    return { event: 'ordered' };
  }
}

test('an application with useGlobalGuards(new HeartbeatGuard()) does not start', async () => {
  const app = await createApp({ imports: [HeartbeatModule.forRoot()], providers: [OrdersGateway] });
  app.useGlobalGuards(new HeartbeatGuard());
  await expect(app.init()).rejects.toMatchObject({
    name: 'TypeError',
    code: CODE,
    message: expect.stringMatching(TEXT) as unknown,
  });
  await app.close();
});

test('a guard that Nest made may be passed to useGlobalGuards()', async () => {
  const app = await createApp({
    imports: [HeartbeatModule.forRoot()],
    providers: [OrdersGateway, HeartbeatGuard],
  });
  app.useGlobalGuards(app.get(HeartbeatGuard));
  await listen(app);
  await app.close();
});

test('@UseGuards(new HeartbeatGuard()) refuses every message, with an error that names the fix', async () => {
  @UseGuards(new HeartbeatGuard())
  @WebSocketGateway({ path: '/wrong' })
  class WrongGateway {
    @SubscribeMessage('order')
    order(): unknown {
      handled.push('wrong');
      return { event: 'ordered' };
    }
  }
  @UseGuards(new HeartbeatGuard())
  @Controller()
  class HelloController {
    @Get()
    hello(): string {
      return 'hello';
    }
  }

  const errors: unknown[] = [];
  const record = (...parts: unknown[]) => errors.push(...parts);
  const logger: LoggerService = { log: () => {}, warn: () => {}, error: record };
  const { connect, url } = await startMonitored([WrongGateway, OrdersGateway], undefined, {
    logger,
    controllers: [HelloController],
  });
  // Contexts other than ws pass, also here.
  expect(await getText(url)).toBe('hello');

  const wrong = await connect('/wrong');
  wrong.send('order');
  wrong.socket.ping();
  await once(wrong.socket, 'pong');
  expect(handled).toEqual([]);
  const text = errors.map((part) => (part instanceof Error ? part.stack : String(part))).join('\n');
  expect(text).toMatch(TEXT);
});

test('the TypeError of @RequireLiveness() has a code', () => {
  let thrown: unknown;
  try {
    RequireLiveness({});
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TypeError);
  expect(thrown).toMatchObject({ code: 'HEARTBEAT_INVALID_ARGUMENT' });
});
