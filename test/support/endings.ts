import type { MonitoredApp, MonitoredClient } from './monitored.js';

/** The causes of evictions, in the order of the metrics. */
export const CAUSES = [
  'unresponsive',
  'idle',
  'expired',
  'unadmitted',
  'flooding',
  'slow-consumer',
  'drain',
  'requested',
];

/** Text that a client or an application could send, and that no metric may contain. */
export const HOSTILE = 'canary"} 1\n# TYPE canary counter\ncanary{a="b\\';

/** Connects a client with a hostile label, and waits for its end. */
async function end(
  { connect, events, liveness }: MonitoredApp,
  close: (client: MonitoredClient) => void,
  options: { autoPong?: boolean } = {},
): Promise<void> {
  const client = await connect('/chat', options);
  liveness.admit(client.peer, HOSTILE);
  const gone = events.next('disconnected', (event) => event.client === client.peer);
  close(client);
  await gone;
}

/**
 * Connects eight clients of `/chat`. One stays open. One or two end in each of the ways that connections can end: two by
 * `server`, one by `client`, two by `application`, two by `network`.
 */
export async function endInAllWays(app: MonitoredApp): Promise<void> {
  const dead = { autoPong: false };
  await end(app, () => {}, dead);
  await end(app, () => {}, dead);
  await end(app, ({ socket }) => socket.close(4_321, HOSTILE));
  await end(app, ({ peer }) => app.liveness.disconnect(peer, { reason: HOSTILE }));
  await end(app, ({ peer }) => peer.close(4_321, HOSTILE));
  await end(app, ({ socket }) => socket.terminate());
  await end(app, ({ socket }) => socket.terminate());
  const { peer } = await app.connect('/chat');
  await app.liveness.probe(peer);
}
