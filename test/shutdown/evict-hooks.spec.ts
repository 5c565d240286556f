import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import type { Eviction } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { eventually } from '../support/eventually.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';
import { connectRaw } from '../support/raw-client.js';

/** A gateway whose `handleEvict()` returns a promise, by default one that takes 400 ms. */
@WebSocketGateway({ path: '/chat' })
class SavingGateway {
  readonly calls: string[] = [];
  save: (client: WebSocket, eviction: Eviction) => Promise<unknown> = () => delay(400);

  async handleEvict(client: WebSocket, eviction: Eviction): Promise<void> {
    this.calls.push(eviction.cause);
    await this.save(client, eviction);
    this.calls.push('saved');
  }
  onApplicationShutdown(): void {
    this.calls.push('shutdown');
  }
}

test('shutdown waits for the promises of handleEvict()', async () => {
  const { app, close, connect, liveness } = await startMonitored([SavingGateway]);
  await connect('/chat');
  const started = performance.now();
  await close();
  expect(app.get(SavingGateway).calls).toEqual(['drain', 'saved', 'shutdown']);
  expect((await liveness.drain()).duration).toBeGreaterThanOrEqual(400);
  expect(performance.now() - started).toBeLessThan(4_000);
});

test('drain() waits for the promises of handleEvict()', async () => {
  const { app, connect, liveness } = await startMonitored([SavingGateway]);
  await connect('/chat');
  await connect('/chat');
  await liveness.drain();
  expect(app.get(SavingGateway).calls.filter((call) => call === 'saved')).toHaveLength(2);
});

test('shutdown waits for the promises of earlier evictions', async () => {
  const { app, close, connect, events, liveness } = await startMonitored([SavingGateway]);
  const { peer } = await connect('/chat');
  liveness.disconnect(peer);
  await events.when('disconnected');
  expect(app.get(SavingGateway).calls).toEqual(['requested']);
  await close();
  expect(app.get(SavingGateway).calls).toEqual(['requested', 'saved', 'shutdown']);
});

test('a client that connects while the drain waits for hooks is closed before the drain ends', async () => {
  const { app, connect, events, liveness, url } = await startMonitored([SavingGateway]);
  const { peer } = await connect('/chat');
  const gateway = app.get(SavingGateway);
  let save: () => void = () => {};
  gateway.save = (client) =>
    client === peer ? new Promise<void>((resolve) => (save = resolve)) : Promise.resolve();
  const drained = liveness.drain();
  await events.when('disconnected');
  const late = await connectRaw(`${url}/chat`);
  await events.when('evicted', ({ client }) => client !== peer);
  await eventually(() => gateway.calls.includes('saved'));
  save();
  // Within this time a drain that does not wait for the client would terminate it.
  await delay(100);
  late.socket.end();
  expect(await drained).toMatchObject({ closed: 2, terminated: 0 });
  expect(liveness.size).toBe(0);
  expect(gateway.calls).toEqual(['drain', 'drain', 'saved', 'saved']);
});

test('promises that do not settle are logged, and the drain ends 5 s after its window', async () => {
  const logger = new LogRecorder();
  const options = { ...QUICK, drain: { within: 200 } };
  const { app, close, connect } = await startMonitored([SavingGateway], options, { logger });
  const gateway = app.get(SavingGateway);
  const [first] = [await connect('/chat'), await connect('/chat'), await connect('/chat')];
  gateway.save = (client) => (client === first.peer ? delay(1) : new Promise(() => {}));
  const started = performance.now();
  await close();
  const duration = performance.now() - started;
  expect(duration).toBeGreaterThan(5_199);
  expect(duration).toBeLessThan(7_000);
  expect(gateway.calls.toSorted()).toEqual(['drain', 'drain', 'drain', 'saved', 'shutdown']);
  expect(gateway.calls.at(-1)).toBe('shutdown');
  expect(logger.of('warn')).toEqual([
    '2 promises of handleEvict() did not settle in time. The drain ends without waiting for them. ' +
      'Make the hooks faster, or raise `drain.within`.',
  ]);
});

test('a promise that rejects is logged, and does not delay the shutdown', async () => {
  const logger = new LogRecorder();
  const { app, close, connect } = await startMonitored([SavingGateway], QUICK, { logger });
  await connect('/chat');
  app.get(SavingGateway).save = () => Promise.reject(new Error('no database'));
  const started = performance.now();
  await close();
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(logger.of('error')).toEqual(['SavingGateway.handleEvict() failed: no database']);
  expect(logger.of('warn')).toEqual([]);
});
