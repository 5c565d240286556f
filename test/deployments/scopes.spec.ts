import { expect, test } from '@jest/globals';
import { Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { LivenessService } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { LogRecorder } from '../support/log-recorder.js';
import { Deployment, expectMonitored } from './deployment.js';

@Injectable({ scope: Scope.TRANSIENT })
class TransientHelper {
  constructor(readonly liveness: LivenessService) {}
}

@WebSocketGateway({ path: '/chat' })
class HelpedGateway {
  readonly evicted: WebSocket[] = [];
  constructor(readonly helper: TransientHelper) {}
  handleEvict(client: WebSocket): void {
    this.evicted.push(client);
  }
}

test('a gateway with a transient dependency is monitored, and its hooks are called', async () => {
  const logger = new LogRecorder();
  const deployment = await Deployment.http(
    { providers: [TransientHelper, HelpedGateway] },
    { logger },
  );
  const gateway = deployment.app.get(HelpedGateway);
  expect(gateway.helper.liveness).toBe(deployment.liveness);
  const dead = await deployment.connect('/chat', { autoPong: false });
  await dead.closed;
  expect(gateway.evicted).toEqual([dead.peer]);
  expect(logger.of('warn', 'scoped')).toEqual([]);
  await expectMonitored(deployment, '/chat');
});

test('a gateway that is transient itself is monitored and drained', async () => {
  @Injectable({ scope: Scope.TRANSIENT })
  @WebSocketGateway({ path: '/chat' })
  class TransientGateway {
    @SubscribeMessage('say')
    chat(_client: unknown, data: unknown): unknown {
      return { event: 'said', data };
    }
  }

  const start = () => Deployment.http({ providers: [TransientGateway] });
  const deployment = await start();
  const client = await deployment.connect('/chat');
  expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
  expect(deployment.liveness.get(client.peer)?.gateways).toEqual(['TransientGateway']);
  await expectMonitored(await start(), '/chat');
});

test('a gateway with a durable dependency is monitored, and boot warns that its hooks are not called', async () => {
  const called: string[] = [];
  @Injectable({ scope: Scope.REQUEST, durable: true })
  class TenantState {
    constructor(@Inject(REQUEST) readonly request: unknown) {}
  }
  @WebSocketGateway({ path: '/chat' })
  class TenantGateway {
    constructor(readonly state: TenantState) {}
    handleEvict(): void {
      called.push('evict');
    }
    @SubscribeMessage('say')
    chat(_client: unknown, data: unknown): unknown {
      return { event: 'said', data };
    }
  }

  const logger = new LogRecorder();
  const deployment = await Deployment.http({ providers: [TenantState, TenantGateway] }, { logger });
  expect(logger.of('warn', 'handleEvict')).toHaveLength(1);
  const client = await deployment.connect('/chat');
  expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
  await expectMonitored(deployment, '/chat');
  expect(called).toEqual([]);
});
