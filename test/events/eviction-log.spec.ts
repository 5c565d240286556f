import { expect, test } from '@jest/globals';
import type { HeartbeatModuleOptions } from 'nestjs-heartbeat';
import type { ClientOptions } from 'ws';
import { QUICK, startMonitored } from '../support/monitored.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { LogRecorder } from '../support/log-recorder.js';
import { onUnix } from '../support/unix.js';

test('evictions are logged as summarized warnings: the first at once, the rest together', async () => {
  const logger = new LogRecorder();
  const { close, connect, events, liveness } = await startMonitored([ChatGateway], QUICK, {
    logger,
  });
  const first = await connect('/chat', { autoPong: false });
  await first.closed;
  expect(logger.of('warn')).toEqual(['Evicted 1 client: 1 × ChatGateway: unresponsive']);

  const rest = [];
  for (let count = 0; count < 5; count++) {
    rest.push(await connect('/chat', { autoPong: false }));
  }
  await Promise.all(rest.map(({ closed }) => closed));
  const last = await connect('/chat');
  liveness.update(last.peer, { idleTimeout: 50 });
  await events.when('disconnected', ({ client }) => client === last.peer);
  expect(logger.of('warn')).toHaveLength(1);
  await close();
  expect(logger.of('warn')).toEqual([
    'Evicted 1 client: 1 × ChatGateway: unresponsive',
    'Evicted 6 clients: 5 × ChatGateway: unresponsive, 1 × ChatGateway: idle',
  ]);
});

test('disconnect() and the drain log no warning; the drain has a line of its own', async () => {
  const logger = new LogRecorder();
  const { close, connect, liveness } = await startMonitored([ChatGateway], QUICK, { logger });
  const { closed, peer } = await connect('/chat');
  liveness.disconnect(peer);
  await closed;
  for (let count = 0; count < 3; count++) await connect('/chat');
  await close();
  expect(logger.of('warn')).toEqual([]);
  expect(logger.of('log').slice(1)).toEqual(['Draining 3 clients over 150 ms']);
});

test('dry-run evictions are marked in the log', async () => {
  const logger = new LogRecorder();
  const options = { ...QUICK, dryRun: true };
  const { connect, events } = await startMonitored([ChatGateway], options, { logger });
  await connect('/chat', { autoPong: false });
  await events.when('evicted');
  await new Promise((resolve) => setImmediate(resolve));
  expect(logger.of('warn')).toEqual(['Evicted 1 client: 1 × ChatGateway: unresponsive (dry run)']);
});

test('each eviction is logged at debug level, with external text escaped', async () => {
  const logger = new LogRecorder();
  const { connect, liveness } = await startMonitored([ChatGateway], QUICK, { logger });
  const { closed, peer } = await connect('/chat');
  const id = liveness.get(peer)?.id;
  const address = onUnix ? 'an unknown address' : '.*127\\.0\\.0\\.1';
  liveness.disconnect(peer, { reason: 'bye\n\u001b[31m' });
  await closed;
  expect(logger.of('debug')).toEqual([
    expect.stringMatching(
      new RegExp(
        `^ChatGateway: client ${id} at ${address} evicted as requested, code 1000 "bye\\\\n\\\\u001b\\[31m", silent for \\d+ ms$`,
      ),
    ),
  ]);
});

test.each<[string, HeartbeatModuleOptions, ClientOptions, object, RegExp]>([
  [
    'of the connection',
    QUICK,
    { autoPong: false },
    { cause: 'unresponsive', level: 'transport', code: 1006 },
    /, silent for (\d+) ms$/,
  ],
  [
    'of the application, where only that is silent',
    { ...QUICK, liveness: 'application' },
    {},
    { cause: 'unresponsive', level: 'application', code: 4408 },
    /, no message for (\d+) ms$/,
  ],
  [
    'of the user',
    { ...QUICK, idleTimeout: 300 },
    {},
    { cause: 'idle', code: 4409 },
    /, idle for (\d+) ms$/,
  ],
])(
  'an eviction logs the silence %s, which was decisive',
  async (_, options, client, eviction, line) => {
    const logger = new LogRecorder();
    const { connect, events } = await startMonitored([ChatGateway], options, { logger });
    await connect('/chat', client);
    const evicted = (await events.when('evicted')).eviction;
    expect(evicted).toMatchObject(eviction);
    expect('level' in evicted).toBe('level' in eviction);
    const [logged] = logger.of('debug');
    expect(logged).toMatch(line);
    expect(Number(line.exec(logged ?? '')?.[1])).toBeGreaterThanOrEqual(300);
  },
);

test('an eviction contains the state before it', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway], {
    ...QUICK,
    maxLifetime: 150,
  });
  const { peer } = await connect('/chat');
  liveness.disconnect(peer);
  const dead = await connect('/chat', { autoPong: false });
  liveness.update(dead.peer, { maxLifetime: 60_000 });
  const old = await connect('/chat');
  await Promise.all([dead.closed, old.closed]);
  const states = events
    .of('evicted')
    .map(({ eviction }) => [
      eviction.cause,
      eviction.liveness.state,
      'eviction' in eviction.liveness,
    ]);
  expect(states.toSorted(([a], [b]) => String(a).localeCompare(String(b)))).toEqual([
    ['expired', 'alive', false],
    ['requested', 'alive', false],
    ['unresponsive', 'suspect', false],
  ]);
});
