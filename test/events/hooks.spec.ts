import { expect, test } from '@jest/globals';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  LivenessService,
  type Eviction,
  type Liveness,
  type OnGatewayEvict,
  type OnGatewayRecover,
  type OnGatewaySuspect,
} from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { QUICK, startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

/** A gateway that remembers what its hooks were called with. */
@WebSocketGateway({ path: '/chat' })
class HookedGateway implements OnGatewaySuspect, OnGatewayRecover, OnGatewayEvict {
  readonly calls: [hook: string, client: WebSocket, argument: unknown][] = [];

  handleSuspect(client: WebSocket, liveness: Liveness): void {
    this.calls.push(['suspect', client, liveness]);
  }
  handleRecover(client: WebSocket, liveness: Liveness): void {
    this.calls.push(['recover', client, liveness]);
  }
  handleEvict(client: WebSocket, eviction: Eviction): void {
    this.calls.push(['evict', client, eviction]);
    if (client.readyState === client.OPEN) client.send('"goodbye"');
  }
  handleDisconnect(client: WebSocket): void {
    this.calls.push(['disconnect', client, undefined]);
  }
  @SubscribeMessage('say')
  chat(): void {}
}

test('the hooks of a gateway receive the client and its liveness', async () => {
  const { app, connect, events } = await startMonitored([HookedGateway]);
  const client = await connect('/chat', { autoPong: false });
  await events.when('suspect');
  client.send('say');
  await client.closed;
  const { eviction } = await events.when('disconnected');
  const { calls } = app.get(HookedGateway);
  expect(calls.map(([hook]) => hook)).toEqual([
    'suspect',
    'recover',
    'suspect',
    'evict',
    'disconnect',
  ]);
  expect(calls.every(([, peer]) => peer === client.peer)).toBe(true);
  expect(calls[0]?.[2]).toMatchObject({ client: client.peer, state: 'suspect' });
  expect(calls[1]?.[2]).toMatchObject({ client: client.peer, state: 'alive' });
  expect(calls[3]?.[2]).toBe(eviction);
});

test('handleEvict() runs while the client can still be written to', async () => {
  const { connect, liveness } = await startMonitored([HookedGateway]);
  const client = await connect('/chat');
  liveness.disconnect(client.peer);
  await client.closed;
  expect(client.messages).toEqual(['goodbye']);
});

test.each([
  [
    'throw',
    () => {
      throw new Error('hook failed');
    },
  ],
  ['reject', () => Promise.reject(new Error('hook failed'))],
])('errors of hooks that %s are logged, and the next client is still evicted', async (_, fail) => {
  @WebSocketGateway({ path: '/chat' })
  class FailingGateway {
    handleSuspect(): unknown {
      return fail();
    }
    handleRecover(): unknown {
      return fail();
    }
    handleEvict(): unknown {
      return fail();
    }
  }

  const logger = new LogRecorder();
  const { connect, events } = await startMonitored([FailingGateway], QUICK, { logger });
  const first = await connect('/chat', { autoPong: false });
  const second = await connect('/chat', { autoPong: false });
  await events.when('suspect', ({ client }) => client === first.peer);
  first.socket.pong();
  expect(await first.closed).toMatchObject({ code: 1006 });
  expect(await second.closed).toMatchObject({ code: 1006 });
  await events.when('disconnected', ({ client }) => client === first.peer);
  expect(logger.of('error').toSorted()).toEqual([
    ...Array<string>(2).fill('FailingGateway.handleEvict() failed: hook failed'),
    'FailingGateway.handleRecover() failed: hook failed',
    ...Array<string>(3).fill('FailingGateway.handleSuspect() failed: hook failed'),
  ]);
});

test('a hook that throws does not prevent the hooks of other gateways of the server', async () => {
  const called: string[] = [];
  const failing = (name: string) => {
    @WebSocketGateway({ path: '/chat' })
    class FailingGateway {
      handleEvict(): void {
        called.push(name);
        throw new Error(name);
      }
    }
    return FailingGateway;
  };
  const { connect } = await startMonitored([failing('first'), failing('second')]);
  const dead = await connect('/chat', { autoPong: false });
  await dead.closed;
  expect(called.toSorted()).toEqual(['first', 'second']);
});

test('a thrown value that is no Error is logged', async () => {
  @WebSocketGateway({ path: '/chat' })
  class FailingGateway {
    handleEvict(): void {
      throw '\u001b[31mred';
    }
  }

  const logger = new LogRecorder();
  const { connect, liveness } = await startMonitored([FailingGateway], QUICK, { logger });
  const client = await connect('/chat');
  liveness.disconnect(client.peer);
  await client.closed;
  expect(logger.of('error')).toEqual(['FailingGateway.handleEvict() failed: "\\u001b[31mred"']);
});

test('the close does not wait for a hook', async () => {
  @WebSocketGateway({ path: '/chat' })
  class SlowGateway {
    handleEvict(): Promise<void> {
      return new Promise(() => {});
    }
  }

  const { connect, liveness } = await startMonitored([SlowGateway], { ...QUICK, drain: false });
  const client = await connect('/chat');
  liveness.disconnect(client.peer);
  expect(await client.closed).toMatchObject({ code: 1000 });
});

test('a hook may disconnect the client itself', async () => {
  @WebSocketGateway({ path: '/chat' })
  class StrictGateway {
    handleSuspect(client: WebSocket): void {
      client.close(4001, 'too quiet');
    }
  }

  const { connect, events } = await startMonitored([StrictGateway]);
  const dead = await connect('/chat', { autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 4001, reason: 'too quiet' });
  expect((await events.when('disconnected')).eviction).toBeUndefined();
});

test('a second disconnect() by a hook has no effect', async () => {
  @WebSocketGateway({ path: '/chat' })
  class EagerGateway {
    constructor(private readonly liveness: LivenessService) {}
    handleEvict(client: WebSocket): void {
      this.liveness.disconnect(client, { reason: 'once more' });
    }
  }

  const { connect, events, liveness } = await startMonitored([EagerGateway]);
  const client = await connect('/chat');
  liveness.disconnect(client.peer, { reason: 'once' });
  expect((await client.closed).reason).toBe('once');
  expect(events.of('evicted')).toHaveLength(1);
});

test('a property that is no function is no hook', async () => {
  @WebSocketGateway({ path: '/chat' })
  class OddGateway {
    readonly handleEvict = 'not a function';
  }
  @WebSocketGateway({ path: '/chat' })
  class UsualGateway {
    handleEvict(): void {}
  }

  const logger = new LogRecorder();
  const { connect } = await startMonitored([OddGateway, UsualGateway], QUICK, { logger });
  const dead = await connect('/chat', { autoPong: false });
  await dead.closed;
  expect(logger.of('error')).toEqual([]);
});
