import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { LivenessService } from 'nestjs-heartbeat';
import { WebSocketServer, type WebSocket } from 'ws';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';
import { createHttpApp, Deployment } from './deployment.js';

/** The current store: `start` for code of the application, otherwise the name of a user. */
const contexts = new AsyncLocalStorage<string>();

@WebSocketGateway({ path: '/chat' })
class ContextGateway {
  readonly seen: string[] = [];
  handleSuspect(): void {
    this.note('suspect');
  }
  handleRecover(): void {
    this.note('recover');
  }
  handleEvict(_client: WebSocket, { cause }: { cause: string }): void {
    this.note(`evict ${cause}`);
  }
  private note(hook: string): void {
    this.seen.push(`${hook} in ${contexts.getStore()}`);
  }
}

/** Makes and starts the application inside a context of its own. */
async function start() {
  const { app, deployment } = await contexts.run('start', async () => {
    const made = await createHttpApp({ providers: [ContextGateway] });
    const deployed = Deployment.of(made);
    await listenAnywhere(made);
    return { app: made, deployment: deployed };
  });
  deployment.url = urlOf(app);
  const seenByEvents: string[] = [];
  deployment.liveness.events$.subscribe(({ type }) =>
    seenByEvents.push(`${type} in ${contexts.getStore()}`),
  );
  return { deployment, gateway: app.get(ContextGateway), seenByEvents };
}

test('hooks and events that no call causes run in the context of the start of the application', async () => {
  const { deployment, gateway, seenByEvents } = await start();
  const dead = await contexts.run('client', () => deployment.connect('/chat', { autoPong: false }));
  await deployment.events.when('suspect');
  dead.socket.send('hello');
  await deployment.events.when('recovered');
  await dead.closed;
  await deployment.events.when('disconnected');
  expect(gateway.seen).toEqual([
    'suspect in start',
    'recover in start',
    'suspect in start',
    'evict unresponsive in start',
  ]);
  expect(seenByEvents.filter((seen) => !seen.startsWith('stalled'))).toEqual([
    'connected in start',
    'suspect in start',
    'recovered in start',
    'suspect in start',
    'evicted in start',
    'disconnected in start',
  ]);
});

test('disconnect() runs handleEvict() and emits evicted in the context of its caller', async () => {
  const { deployment, gateway, seenByEvents } = await start();
  const client = await deployment.connect('/chat');
  contexts.run('alice', () => deployment.liveness.disconnect(client.peer));
  expect(gateway.seen).toEqual(['evict requested in alice']);
  expect(seenByEvents).toContain('evicted in alice');
  await client.closed;
});

test('drain() runs handleEvict() in the context of its caller', async () => {
  const { deployment, gateway } = await start();
  await deployment.connect('/chat');
  await deployment.connect('/chat');
  await contexts.run('operator', () => deployment.liveness.drain());
  expect(gateway.seen).toEqual(['evict drain in operator', 'evict drain in operator']);
});

/** Calls that a request of a user may make, none of which may keep that user's context. */
const CALLS: Record<string, (liveness: LivenessService, client: WebSocket) => unknown> = {
  'update()': (liveness, client) => liveness.update(client, { interval: 60, timeout: 240 }),
  'touch()': (liveness, client) => liveness.touch(client),
  'admit()': (liveness, client) => liveness.admit(client),
  'pause() and resume()': (liveness, client) => {
    liveness.pause(client);
    liveness.resume(client);
  },
  'snapshot() and clients()': (liveness) => [liveness.snapshot(), ...liveness.clients()],
  'watch()': (liveness) => {
    // Its options need a faster tick than those of the application.
    const server = new WebSocketServer({ noServer: true });
    liveness.watch(server, { interval: 50, timeout: 200 });
  },
  'probe()': (liveness, client) => liveness.probe(client, 50).catch(() => {}),
};

test.each(Object.entries(CALLS))('%s leaves no context behind', async (_, call) => {
  const { deployment, gateway } = await start();
  const dead = await deployment.connect('/chat', { autoPong: false });
  await contexts.run('alice', () => call(deployment.liveness, dead.peer));
  await dead.closed;
  expect(gateway.seen).toEqual(['suspect in start', 'evict unresponsive in start']);
});

test('subscribing to events$ inside a request leaves no context behind in the hooks', async () => {
  const { deployment, gateway } = await start();
  contexts.run('alice', () => deployment.liveness.events$.subscribe(() => {}));
  const dead = await deployment.connect('/chat', { autoPong: false });
  await dead.closed;
  expect(gateway.seen).toEqual(['suspect in start', 'evict unresponsive in start']);
});
