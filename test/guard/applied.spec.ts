import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  UseGuards,
  type ExecutionContext,
  type LoggerService,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { HeartbeatGuard, HeartbeatModule, RequireLiveness } from 'nestjs-heartbeat';
import { createApp, listen } from '../support/app.js';
import { getText } from '../support/http.js';
import { startMonitored, type MonitoredClient } from '../support/monitored.js';

const QUIET = { interval: 60_000, timeout: 120_000 };
/** So short that each run of the guard has to probe. */
const PROBES = { provenWithin: 0.000_001 };
const PASSED = { event: 'ordered' };

/** What a client gets for an order, and with how many pings it was probed. */
async function orderOnce(
  { messages, pings, send, socket }: MonitoredClient,
  event: string,
): Promise<{ answer: unknown; probes: number }> {
  pings.length = messages.length = 0;
  send(event);
  while (messages.length === 0) await once(socket, 'message');
  return { answer: messages[0], probes: pings.length };
}

/** A probe during which the server stalls is repeated: the least of a few orders. A guard that runs twice never has 1. */
async function order(client: MonitoredClient, event = 'order'): Promise<unknown> {
  let result = await orderOnce(client, event);
  for (let more = 0; more < 4 && result.probes > 1; more++) result = await orderOnce(client, event);
  return result;
}

const NOT_INJECTED_CODE = 'HEARTBEAT_GUARD_NOT_INJECTED';
const NOT_INJECTED = /created with `new`.*@UseGuards\(HeartbeatGuard\).*APP_GUARD/;

const handled: string[] = [];

@WebSocketGateway({ path: '/orders' })
class OrdersGateway {
  @SubscribeMessage('order')
  order(): unknown {
    handled.push('order');
    return { event: 'ordered' };
  }
}

test('@RequireLiveness() alone guards a handler', async () => {
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    handled = 0;
    @RequireLiveness({ maxRtt: 500 })
    @SubscribeMessage('order')
    order(): unknown {
      this.handled++;
      return PASSED;
    }
  }

  const { app, connect } = await startMonitored([OrdersGateway], QUIET);
  const dead = await connect('/orders', { autoPong: false });
  expect(await dead.request('order')).toMatchObject({
    event: 'exception',
    data: { status: 'error', demand: 'maxRtt' },
  });
  expect(app.get(OrdersGateway).handled).toBe(0);
  expect(await order(await connect('/orders'))).toEqual({ answer: PASSED, probes: 1 });
});

test('@RequireLiveness() alone guards all handlers of a gateway', async () => {
  @RequireLiveness(PROBES)
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @SubscribeMessage('order')
    order(): unknown {
      return PASSED;
    }
    @RequireLiveness(PROBES)
    @SubscribeMessage('own')
    own(): unknown {
      return PASSED;
    }
  }

  const { connect } = await startMonitored([OrdersGateway], QUIET);
  const client = await connect('/orders');
  expect(await order(client)).toEqual({ answer: PASSED, probes: 1 });
  expect(await order(client, 'own')).toEqual({ answer: PASSED, probes: 1 });
});

test('the guard runs once where @UseGuards(HeartbeatGuard) applies it, too', async () => {
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @UseGuards(HeartbeatGuard)
    @RequireLiveness(PROBES)
    @SubscribeMessage('before')
    before(): unknown {
      return PASSED;
    }
    @RequireLiveness(PROBES)
    @UseGuards(HeartbeatGuard)
    @SubscribeMessage('after')
    after(): unknown {
      return PASSED;
    }
  }
  @UseGuards(HeartbeatGuard)
  @WebSocketGateway({ path: '/monitored' })
  class MonitoredGateway {
    @RequireLiveness(PROBES)
    @SubscribeMessage('order')
    order(): unknown {
      return PASSED;
    }
  }

  const { connect } = await startMonitored([OrdersGateway, MonitoredGateway], QUIET);
  const client = await connect('/orders');
  expect(await order(client, 'before')).toEqual({ answer: PASSED, probes: 1 });
  expect(await order(client, 'after')).toEqual({ answer: PASSED, probes: 1 });
  expect(await order(client, 'after')).toEqual({ answer: PASSED, probes: 1 });
  expect(await order(await connect('/monitored'))).toEqual({ answer: PASSED, probes: 1 });
});

test('the guard runs once where it is an APP_GUARD, too', async () => {
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @RequireLiveness(PROBES)
    @SubscribeMessage('order')
    order(): unknown {
      return PASSED;
    }
  }

  const guard = { provide: APP_GUARD, useClass: HeartbeatGuard };
  const { connect } = await startMonitored([OrdersGateway, guard], QUIET);
  expect(await order(await connect('/orders'))).toEqual({ answer: PASSED, probes: 1 });
});

test('a subclass of the guard in @UseGuards() runs instead, wherever it stands', async () => {
  @Injectable()
  class LenientGuard extends HeartbeatGuard {
    override async canActivate(context: ExecutionContext): Promise<boolean> {
      try {
        return await super.canActivate(context);
      } catch (error) {
        if (error instanceof WsException) return true;
        throw error;
      }
    }
  }
  @UseGuards(LenientGuard)
  @RequireLiveness({ maxRtt: 50 })
  @WebSocketGateway({ path: '/gateway' })
  class LenientGateway {
    @SubscribeMessage('order')
    order(): unknown {
      return PASSED;
    }
    @RequireLiveness({ maxRtt: 60 })
    @SubscribeMessage('own')
    own(): unknown {
      return PASSED;
    }
  }
  @RequireLiveness({ maxRtt: 50 })
  @WebSocketGateway({ path: '/handlers' })
  class LenientHandlers {
    @UseGuards(LenientGuard)
    @SubscribeMessage('order')
    order(): unknown {
      return PASSED;
    }
  }

  const { connect } = await startMonitored([LenientGateway, LenientHandlers], QUIET);
  const dead = await connect('/gateway', { autoPong: false });
  expect(await order(dead)).toEqual({ answer: PASSED, probes: 1 });
  expect(await order(dead, 'own')).toEqual({ answer: PASSED, probes: 1 });
  const other = await connect('/handlers', { autoPong: false });
  expect(await order(other)).toEqual({ answer: PASSED, probes: 1 });
});

test('two subclasses of the guard both run', async () => {
  const runs: string[] = [];
  @Injectable()
  class FirstGuard extends HeartbeatGuard {
    protected override checkDraining(): void {
      runs.push('first');
    }
  }
  @Injectable()
  class SecondGuard extends HeartbeatGuard {
    protected override checkDraining(): void {
      runs.push('second');
    }
  }
  @UseGuards(FirstGuard, SecondGuard)
  @WebSocketGateway({ path: '/orders' })
  class OrdersGateway {
    @SubscribeMessage('order')
    order(): unknown {
      return PASSED;
    }
  }

  const { connect } = await startMonitored([OrdersGateway], QUIET);
  expect(await (await connect('/orders')).request('order')).toEqual(PASSED);
  expect(runs).toEqual(['first', 'second']);
});

test('an application with useGlobalGuards(new HeartbeatGuard()) does not start', async () => {
  const app = await createApp({ imports: [HeartbeatModule.forRoot()], providers: [OrdersGateway] });
  app.useGlobalGuards(new HeartbeatGuard());
  await expect(app.init()).rejects.toMatchObject({
    name: 'TypeError',
    code: NOT_INJECTED_CODE,
    message: expect.stringMatching(NOT_INJECTED) as unknown,
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
  expect(text).toMatch(NOT_INJECTED);
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
