import { describe, expect, test } from '@jest/globals';
import { LogRecorder } from '../support/log-recorder.js';
import { onUnix } from '../support/unix.js';
import { PLATFORMS, startDashboard, type DashboardApp } from './dashboard.app.js';

const dashboard = { public: true as const, actions: true };
const codeOf = ({ text }: { text: string }) => (JSON.parse(text) as { code?: unknown }).code;

const idOf = ({ liveness }: DashboardApp, { peer }: Awaited<ReturnType<DashboardApp['connect']>>) =>
  liveness.get(peer)?.id ?? '';

describe.each(Object.entries(PLATFORMS))('on %s', (name, platform) => {
  test('a probe answers with the round-trip time', async () => {
    const app = await startDashboard({ platform, dashboard });
    const client = await app.connect('/chat');
    const { status, text, headers } = await app.act('probe', { id: idOf(app, client) });
    expect([status, JSON.parse(text)]).toEqual([200, { rtt: expect.any(Number) as unknown }]);
    expect(headers['cache-control']).toBe('no-store');
  });

  test('a client that does not answer a probe is a 504', async () => {
    const app = await startDashboard({ platform, dashboard });
    const client = await app.connect('/chat', { autoPong: false });
    const answer = await app.act('probe', { id: idOf(app, client) });
    expect([answer.status, codeOf(answer)]).toEqual([504, 'HEARTBEAT_PROBE_TIMEOUT']);
  });

  test('a client that disconnects while it is probed is a 404', async () => {
    const app = await startDashboard({ platform, dashboard });
    const client = await app.connect('/chat', { autoPong: false });
    client.socket.once('ping', () => client.socket.terminate());
    const answer = await app.act('probe', { id: idOf(app, client) });
    expect([answer.status, codeOf(answer)]).toEqual([404, 'HEARTBEAT_CLIENT_DISCONNECTED']);
  });

  test.each<[string | undefined, string]>([
    [undefined, 'Disconnected by an operator'],
    ['Moved', 'Moved'],
  ])('a client is disconnected with the reason %p', async (reason, received) => {
    const app = await startDashboard({ platform, dashboard });
    const client = await app.connect('/chat');
    const other = await app.connect('/chat');
    const gone = app.events.next('disconnected');
    const { status, text } = await app.act('disconnect', { id: idOf(app, client), reason });
    expect([status, text]).toEqual([200, '{}']);
    expect(await client.closed).toMatchObject({ code: 1000, reason: received });
    expect(app.liveness.isAlive(other.peer)).toBe(true);
    await gone;
    expect(app.liveness.history()[0]).toMatchObject({ by: 'application', cause: 'requested' });
  });

  test('unknown clients and those that are closing are a 404', async () => {
    const app = await startDashboard({ platform, dashboard });
    const client = await app.connect('/chat');
    const id = idOf(app, client);
    client.socket.pause();
    app.liveness.disconnect(client.peer);
    for (const action of ['probe', 'disconnect']) {
      const closing = await app.act(action, { id });
      expect([closing.status, codeOf(closing)]).toEqual([404, 'HEARTBEAT_CLIENT_DISCONNECTED']);
      const unknown = await app.act(action, { id: '</script>' });
      expect([unknown.status, codeOf(unknown)]).toEqual([404, 'HEARTBEAT_UNKNOWN_CLIENT']);
    }
    client.socket.terminate();
  });

  test('a body without the id of a client is a 400', async () => {
    const app = await startDashboard({ platform, dashboard });
    for (const body of [{}, { id: 7 }, [], null, 'id', { id: 'x', reason: 7 }]) {
      const { status } = await app.act('disconnect', body);
      expect([body, status]).toEqual([body, 400]);
    }
  });

  /** Disconnects a new client with such headers. Returns the answer, and whether the client is still connected. */
  const disconnectWith = async (app: DashboardApp, headers: Record<string, string>) => {
    const client = await app.connect('/chat');
    const answer = await app.act('disconnect', { id: idOf(app, client) }, headers);
    return { status: answer.status, code: codeOf(answer), kept: app.liveness.isAlive(client.peer) };
  };

  test('a content type other than JSON is a 415', async () => {
    const app = await startDashboard({ platform, dashboard });
    for (const [type, status] of [
      ['application/json', 200],
      ['Application/JSON; charset=utf-8', 200],
      ['text/plain', 415],
      ['application/x-www-form-urlencoded', 415],
      ['application/json-patch', 415],
      ['text/plain; application/json', 415],
    ] as const) {
      const answer = await disconnectWith(app, { 'Content-Type': type });
      expect({ type, ...answer }).toMatchObject({ type, status, kept: status === 415 });
    }
  });

  const ORIGINS: [status: number, headers: Record<string, string>][] = [
    [200, {}],
    [200, { 'Sec-Fetch-Site': 'same-origin' }],
    [200, { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://elsewhere.example' }],
    [403, { 'Sec-Fetch-Site': 'same-site' }],
    [403, { 'Sec-Fetch-Site': 'cross-site' }],
    [403, { 'Sec-Fetch-Site': 'none' }],
    [403, { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://ops.example' }],
    [200, { Origin: 'http://ops.example' }],
    [200, { Origin: 'https://ops.example' }],
    [200, { Origin: 'https://OPS.example', Host: 'ops.example:443' }],
    [403, { Origin: 'https://ops.example:8443' }],
    [403, { Origin: 'https://elsewhere.example' }],
    [403, { Origin: 'https://ops.example.elsewhere.example' }],
    [403, { Origin: 'null' }],
    [403, { Origin: 'file://' }],
  ];

  test('another origin is a 403', async () => {
    const app = await startDashboard({ platform, dashboard });
    for (const [status, headers] of ORIGINS) {
      const answer = await disconnectWith(app, { Host: 'ops.example', ...headers });
      const refused = status === 403;
      const code = refused ? 'HEARTBEAT_OTHER_ORIGIN' : undefined;
      expect({ headers, ...answer }).toEqual({ headers, status, code, kept: refused });
    }
  });

  test('every action is one line of the log, with hostile text escaped', async () => {
    const logger = new LogRecorder();
    const app = await startDashboard({ platform, dashboard, logger });
    const client = await app.connect('/chat');
    app.liveness.admit(client.peer, 'ann\n[Nest] forged \u001b[31m');
    const id = idOf(app, client);
    await app.act('probe', { id });
    await app.act('disconnect', { id });
    await app.act('disconnect', { id: 'unknown\n' });
    const by = onUnix ? '.*' : '"(::ffff:)?127\\.0\\.0\\.1"';
    const rest = `of client "${id}", label "ann\\\\n\\[Nest\\] forged \\\\u001b\\[31m", by ${by}$`;
    const lines = logger.of('warn', 'Dashboard');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`^Dashboard: probe ${rest}`));
    expect(lines[1]).toMatch(new RegExp(`^Dashboard: disconnect ${rest}`));
  });

  test('there is no other action', async () => {
    const app = await startDashboard({ platform, dashboard });
    for (const action of ['pause', 'resume', 'drain'])
      expect((await app.act(action, { id: 'x' })).status).toBe(404);
    for (const action of ['probe', 'disconnect'])
      expect((await app.request(`/heartbeat/actions/${action}`)).status).toBe(404);
  });

  if (name === 'Express') {
    test('an application without a body parser has actions, too', async () => {
      const app = await startDashboard({ platform, dashboard, bodyParser: false });
      const client = await app.connect('/chat');
      expect((await app.act('disconnect', { id: idOf(app, client) })).status).toBe(200);
      expect((await app.act('disconnect', { id: 'x'.repeat(20_000) })).status).toBe(400);
    });
  }
});
