import { expect, test } from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { WebSocketServer as Server } from 'ws';
import { eventually } from '../support/eventually.js';
import { startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

test('clients of a request-scoped gateway are tracked, and dead ones are evicted', async () => {
  @Injectable({ scope: Scope.REQUEST })
  @WebSocketGateway({ path: '/scoped' })
  class ScopedGateway {
    @SubscribeMessage('hello')
    hello(): unknown {
      return { event: 'hello', data: 'there' };
    }
  }

  const { connect, events, liveness } = await startMonitored([ScopedGateway]);
  const dead = await connect('/scoped', { autoPong: false });
  expect(liveness.get(dead.peer)?.gateways).toEqual(['ScopedGateway']);
  expect(await dead.request('hello')).toEqual({ event: 'hello', data: 'there' });
  await dead.closed;
  expect(events.of('evicted')).toHaveLength(1);
});

test('hooks of a request-scoped gateway are not called, and boot logs a warning', async () => {
  const called: string[] = [];
  @Injectable({ scope: Scope.REQUEST })
  @WebSocketGateway({ path: '/scoped' })
  class ScopedGateway {
    handleSuspect(): void {
      called.push('suspect');
    }
    handleEvict(): void {
      called.push('evict');
    }
  }

  const logger = new LogRecorder();
  const { connect } = await startMonitored([ScopedGateway], undefined, { logger });
  expect(logger.of('warn')).toEqual([
    'ScopedGateway is request-scoped, so there is no instance on which to call handleSuspect, handleEvict. ' +
      'Make the gateway a singleton, or subscribe to LivenessService.events$ in one.',
  ]);
  const dead = await connect('/scoped', { autoPong: false });
  await dead.closed;
  expect(called).toEqual([]);
});

test('a gateway that depends on a request-scoped provider is request-scoped as well', async () => {
  @Injectable({ scope: Scope.REQUEST })
  class RequestState {}
  @WebSocketGateway({ path: '/scoped' })
  class DependentGateway {
    constructor(readonly state: RequestState) {}
    handleEvict(): void {
      throw new Error('never called');
    }
  }

  const logger = new LogRecorder();
  const { connect, liveness } = await startMonitored([RequestState, DependentGateway], undefined, {
    logger,
  });
  expect(logger.of('warn', 'DependentGateway is request-scoped')).toHaveLength(1);
  const { peer } = await connect('/scoped');
  expect(liveness.isAlive(peer)).toBe(true);
});

test('boot logs no warning about a request-scoped gateway without hooks', async () => {
  @Injectable({ scope: Scope.REQUEST })
  @WebSocketGateway({ path: '/scoped' })
  class ScopedGateway {}

  const logger = new LogRecorder();
  await startMonitored([ScopedGateway], undefined, { logger });
  expect(logger.of('warn')).toEqual([]);
});

test('instances that Nest creates later add no listener to the server', async () => {
  let made = 0;
  @Injectable({ scope: Scope.REQUEST })
  @WebSocketGateway({ path: '/scoped' })
  class ScopedGateway {
    handleConnection(): void {
      made++;
    }
  }
  @WebSocketGateway({ path: '/scoped' })
  class SingletonGateway {
    @WebSocketServer()
    readonly server!: Server;
  }

  const { app, connect } = await startMonitored([ScopedGateway, SingletonGateway]);
  const { server } = app.get(SingletonGateway);
  const before = server.listenerCount('connection');
  for (let count = 0; count < 3; count++) await connect('/scoped');
  expect(await eventually(() => made === 3)).toBe(true);
  expect(server.listenerCount('connection')).toBe(before);
});
