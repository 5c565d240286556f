import { expect, test } from '@jest/globals';
import {
  Injectable,
  UsePipes,
  ValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
} from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { IsInt, IsString } from 'class-validator';
import { TestAdapter } from '../support/adapter.js';
import { createHttpApp, Deployment } from './deployment.js';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';

class Order {
  @IsString()
  article!: string;
  @IsInt()
  count!: number;
}

const STRICT = { whitelist: true, forbidNonWhitelisted: true, transform: true };

/** Sees every value that goes through it. */
@Injectable()
class SeeingPipe implements PipeTransform {
  readonly seen: unknown[] = [];
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type === 'body') this.seen.push(value);
    return value;
  }
}

async function start() {
  const seeing = new SeeingPipe();
  @UsePipes(seeing, new ValidationPipe(STRICT))
  @WebSocketGateway({ path: '/orders' })
  class OrderGateway {
    @SubscribeMessage('order')
    order(@MessageBody() order: Order): unknown {
      return { event: 'ordered', data: { ...order, isOrder: order instanceof Order } };
    }
  }

  const app = await createHttpApp(
    { providers: [OrderGateway] },
    { adapter: (nest) => new TestAdapter(nest) },
  );
  app.useGlobalPipes(new ValidationPipe(STRICT));
  const deployment = Deployment.of(app);
  await listenAnywhere(app);
  deployment.url = urlOf(app);
  return { deployment, seeing };
}

test('heartbeat messages are answered before any pipe: ValidationPipe neither sees nor refuses them', async () => {
  const { deployment, seeing } = await start();
  const client = await deployment.connect('/orders');
  expect(await client.request('heartbeat')).toMatchObject({ event: 'heartbeat' });
  expect(await client.request('heartbeat', { op: 'ping', id: 'a' })).toMatchObject({
    event: 'heartbeat',
    data: { op: 'pong', id: 'a' },
  });
  expect(await client.request('order', { article: 'tea', count: 2 })).toEqual({
    event: 'ordered',
    data: { article: 'tea', count: 2, isOrder: true },
  });
  expect(seeing.seen).toEqual([{ article: 'tea', count: 2 }]);
});

test('a message that ValidationPipe refuses is a sign of life and activity like any other', async () => {
  const { deployment } = await start();
  const { events, liveness } = deployment;
  const client = await deployment.connect('/orders', { autoPong: false });
  const end = performance.now() + 900;
  while (performance.now() < end) {
    expect(await client.request('order', { article: 1, extra: true })).toMatchObject({
      event: 'exception',
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(events.about(client.peer)).toEqual(['connected']);
  expect(liveness.get(client.peer)).toMatchObject({ state: 'alive' });
  expect(liveness.get(client.peer)?.idle).toBeLessThan(300);
});
