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

  test.each([[{}], [{ id: 7 }], [[]], [null], ['id'], [{ id: 'x', reason: 7 }]])(
    'the body %j is a 400',
    async (body) => {
      const app = await startDashboard({ platform, dashboard });
      expect((await app.act('disconnect', body)).status).toBe(400);
    },
  );

  test.each<[string, string | undefined]>([
    ['application/json', undefined],
    ['Application/JSON; charset=utf-8', undefined],
    ['text/plain', 'text/plain'],
    ['application/x-www-form-urlencoded', 'form'],
    ['application/json-patch', 'patch'],
    ['text/plain; application/json', 'text'],
  ])('the content type %s', async (type, refused) => {
    const app = await startDashboard({ platform, dashboard });
    const client = await app.connect('/chat');
    const { status } = await app.act(
      'disconnect',
      { id: idOf(app, client) },
      { 'Content-Type': type },
    );
    expect(status).toBe(refused === undefined ? 200 : 415);
    expect(app.liveness.isAlive(client.peer)).toBe(refused !== undefined);
  });

  test.each<[number, Record<string, string>]>([
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
  ])('%p for %j', async (expected, headers) => {
    const app = await startDashboard({ platform, dashboard });
    const client = await app.connect('/chat');
    const answer = await app.act(
      'disconnect',
      { id: idOf(app, client) },
      { Host: 'ops.example', ...headers },
    );
    expect(answer.status).toBe(expected);
    expect(codeOf(answer)).toBe(expected === 403 ? 'HEARTBEAT_OTHER_ORIGIN' : undefined);
    expect(app.liveness.isAlive(client.peer)).toBe(expected === 403);
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
