import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored } from '../support/monitored.js';

const DRY_RUN = { ...QUICK, dryRun: true };

test('a dead client is reported once until it recovers, and never closed', async () => {
  const called: string[] = [];
  @WebSocketGateway({ path: '/dry-run' })
  class DryRunGateway {
    handleSuspect(): void {
      called.push('suspect');
    }
    handleRecover(): void {
      called.push('recover');
    }
    handleEvict(): void {
      called.push('evict');
    }
  }

  const { connect, events, liveness } = await startMonitored([DryRunGateway], DRY_RUN);
  const started = performance.now();
  const dead = await connect('/dry-run', { autoPong: false });
  const { at, eviction } = await events.when('evicted');
  expect(performance.now() - started).toBeGreaterThan(QUICK.timeout - 1);
  expect(at).toBeLessThanOrEqual(Date.now());
  expect(eviction).toMatchObject({
    cause: 'unresponsive',
    code: 1006,
    reason: 'heartbeat timeout',
    dryRun: true,
    liveness: { state: 'suspect', client: dead.peer },
  });
  expect(eviction.liveness.silence).toBeGreaterThanOrEqual(QUICK.timeout);
  expect(Object.isFrozen(eviction)).toBe(true);

  // Five more unanswered pings belong to the same silence.
  for (let count = 0; count < 5; count++) {
    await new Promise((resolve) => dead.socket.once('ping', resolve));
  }
  expect(events.of('evicted')).toHaveLength(1);
  expect(liveness.get(dead.peer)?.state).toBe('suspect');
  expect(liveness.isAlive(dead.peer)).toBe(true);
  expect(liveness.snapshot().totals.dryRun.unresponsive).toBe(1);
  expect(called).toEqual(['suspect']);

  dead.socket.pong();
  await events.when('recovered');
  expect(liveness.get(dead.peer)?.state).toBe('alive');
  await events.next('evicted');
  expect(events.about(dead.peer)).toEqual([
    'connected',
    'suspect',
    'evicted',
    'recovered',
    'suspect',
    'evicted',
  ]);
  expect(called).toEqual(['suspect', 'recover', 'suspect']);
});

test('a client that is idle, past its lifetime or not admitted is reported once per cause, and never closed', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway], {
    ...DRY_RUN,
    admissionTimeout: 100,
    idleTimeout: 150,
    maxLifetime: 250,
  });
  const client = await connect('/chat');
  await events.when('evicted', ({ eviction }) => eviction.cause === 'unadmitted');
  await events.when('evicted', ({ eviction }) => eviction.cause === 'idle');
  await events.when('evicted', ({ eviction }) => eviction.cause === 'expired');
  await new Promise((resolve) => client.socket.once('ping', resolve));
  expect(liveness.isAlive(client.peer)).toBe(true);
  const causes = events.of('evicted').map(({ eviction }) => eviction.cause);
  expect(causes.toSorted()).toEqual(['expired', 'idle', 'unadmitted']);

  await client.request('say');
  await events.next('evicted', ({ eviction }) => eviction.cause === 'idle');
  expect(events.of('evicted')).toHaveLength(4);
});

test('the disconnected event has no eviction in a dry run', async () => {
  const { connect, events } = await startMonitored([ChatGateway], DRY_RUN);
  const dead = await connect('/chat', { autoPong: false });
  await events.when('evicted');
  dead.socket.close(4000);
  const { code, eviction } = await events.when('disconnected');
  expect(code).toBe(4000);
  expect(eviction).toBeUndefined();
});

test('shutdown drains the clients in a dry run as well', async () => {
  const called: unknown[] = [];
  @WebSocketGateway({ path: '/dry-run' })
  class DryRunGateway {
    handleEvict(_client: unknown, { cause, dryRun }: { cause: string; dryRun: boolean }): void {
      called.push([cause, dryRun]);
    }
  }

  const { close, connect } = await startMonitored([DryRunGateway], DRY_RUN);
  const client = await connect('/dry-run');
  await close();
  expect(await client.closed).toMatchObject({ code: 1012 });
  expect(called).toEqual([['drain', false]]);
});
