import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored } from '../support/monitored.js';

const DRY_RUN = { ...QUICK, dryRun: true };

test('disconnect() closes a client with 1000', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const { closed, peer } = await connect('/chat');
  liveness.disconnect(peer);
  expect(liveness.get(peer)?.state).toBe('evicted');
  expect(await closed).toMatchObject({ code: 1000, reason: '' });

  const { code, eviction } = await events.when('disconnected');
  expect(code).toBe(1000);
  expect(eviction).toMatchObject({ cause: 'requested', code: 1000, reason: '', dryRun: false });
});

test('disconnect() sends the reason', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const { closed, peer } = await connect('/chat');
  liveness.disconnect(peer, { reason: 'kicked' });
  expect(await closed).toMatchObject({ code: 1000, reason: 'kicked' });
  expect(events.of('evicted')[0]?.eviction.reason).toBe('kicked');
});

test.each([
  ['fits', 'x'.repeat(123), 'x'.repeat(123)],
  ['is one byte too long', 'x'.repeat(124), 'x'.repeat(123)],
  ['consists of characters of two bytes', 'ü'.repeat(100), 'ü'.repeat(61)],
  ['consists of characters of three bytes', '€'.repeat(100), '€'.repeat(41)],
  ['consists of characters of four bytes', '🙂'.repeat(100), '🙂'.repeat(30)],
  ['is too long by its last character', `${'x'.repeat(121)}€`, 'x'.repeat(121)],
])(
  'a reason that %s is sent as at most 123 bytes without splitting a character',
  async (_, reason, sent) => {
    const { connect, events, liveness } = await startMonitored([ChatGateway]);
    const { closed, peer } = await connect('/chat');
    liveness.disconnect(peer, { reason });
    expect((await closed).reason).toBe(sent);
    expect(events.of('evicted')[0]?.eviction.reason).toBe(sent);
  },
);

test('a second disconnect() does nothing', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const { closed, peer } = await connect('/chat');
  liveness.disconnect(peer, { reason: 'first' });
  liveness.disconnect(peer, { reason: 'second' });
  expect((await closed).reason).toBe('first');
  await events.when('disconnected');
  liveness.disconnect(peer, { reason: 'third' });
  expect(events.about(peer)).toEqual(['connected', 'evicted', 'disconnected']);
  expect(liveness.snapshot().totals.evicted.requested).toBe(1);
});

test('disconnect() has no effect on a client that the application is closing', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const { closed, peer } = await connect('/chat');
  peer.close(4000, 'its own');
  liveness.disconnect(peer, { reason: 'ours' });
  expect(await closed).toMatchObject({ code: 4000, reason: 'its own' });
  expect((await events.when('disconnected')).eviction).toBeUndefined();
});

test('disconnect() closes a client in a dry run as well', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], { dryRun: true });
  const { closed, peer } = await connect('/chat');
  liveness.disconnect(peer);
  expect(await closed).toMatchObject({ code: 1000 });
});

test.each([1000, 1001, 1003, 1007, 1011, 1014, 3000, 4000, 4999])(
  'disconnect() sends the code %i',
  async (code) => {
    const { connect, events, liveness } = await startMonitored([ChatGateway]);
    const { closed, peer } = await connect('/chat');
    liveness.disconnect(peer, { code, reason: 'out' });
    expect(await closed).toMatchObject({ code, reason: 'out' });
    expect(await events.when('disconnected')).toMatchObject({ code, eviction: { code } });
  },
);

test.each<unknown>([
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, NaN, '1000', null].map((code) => ({
    code,
  })),
  { reason: 5 },
  { reason: null },
  'reason',
  null,
])('disconnect() throws for %p, and the client stays connected', async (options) => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const { peer } = await connect('/chat');
  const refused = { name: 'TypeError', code: 'HEARTBEAT_INVALID_ARGUMENT' };
  expect(() => liveness.disconnect(peer, options as never)).toThrow(
    expect.objectContaining(refused),
  );
  expect(liveness.isAlive(peer)).toBe(true);
});

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
