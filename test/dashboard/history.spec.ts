import { expect, test } from '@jest/globals';
import type { ClosedConnection } from 'nestjs-heartbeat';
import type {
  DashboardClosedConnection,
  DashboardTable,
} from '../../src/dashboard/dashboard.interfaces.js';
import { why } from '../../src/dashboard/why.js';
import type { MonitoredClient } from '../support/monitored.js';
import { startDashboard, type DashboardApp } from './dashboard.app.js';

type History = DashboardTable<DashboardClosedConnection>;

const historyOf = ({ read }: DashboardApp, query = '') =>
  read<History>(`/heartbeat/data/history${query}`);

/** Connects a client with a label, and waits for its end. */
async function end(app: DashboardApp, label: string, close: (client: MonitoredClient) => void) {
  const client = await app.connect('/chat');
  app.liveness.admit(client.peer, label);
  const gone = app.events.next('disconnected');
  close(client);
  await gone;
}

test('closed connections are shown with what ended them, the newest first', async () => {
  const app = await startDashboard();
  await end(app, 'ann', ({ socket }) => socket.close(1001, 'bye'));
  await end(app, 'bob', ({ peer }) => app.liveness.disconnect(peer, { reason: 'moved' }));
  const { total, matched, rows } = await historyOf(app);
  expect([total, matched]).toEqual([2, 2]);
  const [bob, ann] = app.liveness.history();
  const shown = { remoteAddress: rows[0]?.remoteAddress, why: expect.any(String) as unknown };
  expect(rows).toEqual([
    { ...bob, ...shown },
    { ...ann, ...shown },
  ]);
  expect(rows[0]?.why).toMatch(
    /^disconnect\(\) was called after .*; code 1000 \(normal closure\), reason "moved"/,
  );
  expect(rows[1]?.why).toMatch(
    /^The client closed it after .*; code 1001 \(going away\), reason "bye"; last byte/,
  );
});

test('a dead client is explained by the figures that decided', async () => {
  const app = await startDashboard({ heartbeat: { interval: 100, timeout: 300 } });
  const { closed } = await app.connect('/chat', { autoPong: false });
  await closed;
  const { rows } = await historyOf(app);
  expect(rows[0]).toMatchObject({ by: 'server', cause: 'unresponsive', level: 'transport' });
  expect(rows[0]?.why).toMatch(
    /^No pong for \d+ ms, with a timeout of 300 ms; last byte \d\d:\d\d:\d\d UTC; 0 B waiting; our loop was \d+ ms late$/,
  );
});

test('closed connections are filtered and limited on the server', async () => {
  const app = await startDashboard();
  await end(app, 'ann', ({ socket }) => socket.close(1000, 'Good bye'));
  await end(app, 'bob', ({ socket }) => socket.terminate());
  await end(app, 'cid', ({ peer }) => app.liveness.disconnect(peer));
  const found = async (query: string) => {
    const { total, matched, rows } = await historyOf(app, query);
    expect(total).toBe(3);
    return [matched, ...rows.map(({ label }) => label)];
  };
  expect(await found('?by=network')).toEqual([1, 'bob']);
  expect(await found('?cause=requested')).toEqual([1, 'cid']);
  expect(await found('?q=GOOD')).toEqual([1, 'ann']);
  expect(await found('?q=ann&by=network')).toEqual([0]);
  expect(await found('?limit=2')).toEqual([3, 'cid', 'bob']);
  expect(await found('?gateway=ChatGateway&limit=0')).toEqual([3]);
});

test.each(['cause=dead', 'by=proxy', 'gateway=NoGateway', 'limit=all', 'cause=idle&cause=drain'])(
  '?%s is a 400 with a code',
  async (query) => {
    const { request } = await startDashboard();
    const { status, text } = await request(`/heartbeat/data/history?${query}`);
    expect([status, JSON.parse(text)]).toMatchObject([400, { code: 'HEARTBEAT_INVALID_ARGUMENT' }]);
  },
);

const CLOSED: ClosedConnection = {
  id: 'id',
  gateways: ['ChatGateway'],
  connectedAt: Date.UTC(2026, 0, 1, 11, 0, 0),
  closedAt: Date.UTC(2026, 0, 1, 12, 3, 56),
  by: 'server',
  code: 1006,
  reason: '',
  silence: 45_000,
  applicationSilence: 46_000,
  idle: 900_000,
  bufferedBytes: 0,
  loopDelay: 3,
  timeout: 45_000,
};

test.each<[string, Partial<ClosedConnection>]>([
  [
    'No pong for 45 s, with a timeout of 45 s; last byte 12:03:11 UTC; 0 B waiting; our loop was 3 ms late',
    { cause: 'unresponsive', level: 'transport' },
  ],
  [
    'No message for 46 s, with a timeout of 45 s, on a connection that works; last byte 200 ms before; 0 B waiting; our loop was 3 ms late',
    { cause: 'unresponsive', level: 'application', silence: 200, code: 4408 },
  ],
  [
    'No application message for 15 min, which is the idle timeout; last byte 45 s before; code 4409, reason "idle"',
    { cause: 'idle', code: 4409, reason: 'idle' },
  ],
  [
    'The maximum lifetime was reached after 1 h 3 min; code 1012 (service restart); last byte 45 s before',
    { cause: 'expired', code: 1012 },
  ],
  [
    'Not admitted by the application 1 h 3 min after the client connected; code 3000',
    { cause: 'unadmitted', code: 3000 },
  ],
  [
    'Sent more than the limits allow, 1 h 3 min after the client connected; code 1008 (policy violation); last byte 45 s before',
    { cause: 'flooding', code: 1008 },
  ],
  [
    '4.2 MB waited to be sent, more than the backlog limit allows; last byte 45 s before; our loop was 3 ms late',
    { cause: 'slow-consumer', bufferedBytes: 4_200_000 },
  ],
  [
    'The server drained its clients, this one after 1 h 3 min; code 1012 (service restart)',
    { cause: 'drain', code: 1012 },
  ],
  [
    'disconnect() was called after 1 h 3 min; code 4001, reason "x\\u202ey"; last byte 45 s before',
    { by: 'application', cause: 'requested', code: 4001, reason: 'x\u202ey' },
  ],
  [
    'The application terminated it after 1 h 3 min; no close frame; last byte 45 s before',
    { by: 'application' },
  ],
  [
    'The application closed it after 1 h 3 min; code 1005 (no code given); last byte 45 s before',
    { by: 'application', code: 1005 },
  ],
  [
    'The server closed it over a protocol error of the client after 1 h 3 min; code 1009 (message too big)',
    { code: 1009 },
  ],
  [
    'The client closed it after 1 h 3 min; code 4410 (page frozen), reason "a\\nb"; last byte 45 s before',
    { by: 'client', code: 4410, reason: 'a\nb' },
  ],
  [
    'The connection was lost after 1 h 3 min, without a close frame of either side; last byte 45 s before; 12 kB waiting; our loop was 3 ms late',
    { by: 'network', bufferedBytes: 12_000 },
  ],
])('%s', (explanation, closed) => {
  expect(why({ ...CLOSED, ...closed })).toBe(explanation);
});
