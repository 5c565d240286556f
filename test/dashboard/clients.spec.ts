import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { DashboardClient } from 'nestjs-heartbeat/dashboard';
import { ClientScan } from '../../src/dashboard/client.scan.js';
import type { DashboardTable } from '../../src/dashboard/dashboard.interfaces.js';
import { eventually } from '../support/eventually.js';
import { onUnix } from '../support/unix.js';
import { PLATFORMS, startDashboard, type DashboardApp } from './dashboard.app.js';

@WebSocketGateway({ path: '/orders' })
class OrdersGateway {
  @SubscribeMessage('order')
  order(): void {}
}

type Clients = DashboardTable<DashboardClient>;

const clientsOf = ({ read }: DashboardApp, query = '') =>
  read<Clients>(`/heartbeat/data/clients${query}`);

/** Connects a client that the application calls by a name. */
async function admit(app: DashboardApp, label: string, path = '/chat') {
  const client = await app.connect(path);
  app.liveness.admit(client.peer, label);
  return client;
}

const labels = ({ rows }: Clients) => rows.map(({ label }) => label);

test('a client is shown as plain data', async () => {
  const app = await startDashboard();
  const { peer } = await admit(app, 'ann');
  await app.liveness.probe(peer);
  const { at, total, matched, rows } = await clientsOf(app);
  expect([total, matched, rows.length]).toEqual([1, 1, 1]);
  const { client: _, remoteAddress: __, ...plain } = app.liveness.get(peer) ?? {};
  const any = expect.any(Number) as unknown;
  expect(rows[0]).toEqual({
    ...plain,
    silence: any,
    applicationSilence: any,
    idle: any,
    age: any,
    ...(!onUnix && { remoteAddress: '127.0.0.x' }),
  });
  expect(rows[0]?.age).toBe(at - (rows[0]?.connectedAt ?? 0));
});

test('a client that is being closed shows why, without the objects of the server', async () => {
  const app = await startDashboard();
  const { peer, socket } = await admit(app, 'ann');
  socket.pause();
  app.liveness.disconnect(peer, { code: 4001, reason: 'moved <b>' });
  const { rows } = await clientsOf(app, '?q=MOVED');
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    state: 'evicted',
    eviction: { cause: 'requested', code: 4001, reason: 'moved <b>' },
  });
  expect(rows[0]?.eviction).not.toHaveProperty('liveness');
  socket.terminate();
});

test('clients are filtered by gateway, state and text', async () => {
  const app = await startDashboard({ metadata: { providers: [OrdersGateway] } });
  const ann = await admit(app, 'Ann (a+)+$');
  await admit(app, 'bob', '/orders');
  const { id = '' } = app.liveness.get(ann.peer) ?? {};
  const found = async (query: string) => {
    const table = await clientsOf(app, query);
    expect([table.total, table.matched]).toEqual([2, table.rows.length]);
    return labels(table);
  };
  expect(await found('?gateway=OrdersGateway')).toEqual(['bob']);
  expect(await found('?state=suspect')).toEqual([]);
  expect(await found('?state=alive&q=BO')).toEqual(['bob']);
  expect(await found(`?q=${encodeURIComponent('ann (a+)+$')}`)).toEqual(['Ann (a+)+$']);
  expect(await found('?q=.*')).toEqual([]);
  expect(await found(`?q=${id}`)).toEqual(['Ann (a+)+$']);
  expect(await found('?q=')).toHaveLength(2);
});

test('clients are sorted and limited on the server', async () => {
  const app = await startDashboard();
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) {
    const { peer } = await admit(app, name);
    if (name === 'b' || name === 'd') await app.liveness.probe(peer);
  }
  const all = await clientsOf(app, '?sort=age');
  const ages = all.rows.map(({ age }) => age);
  expect(ages).toEqual(ages.toSorted((x, y) => y - x));
  const limited = await clientsOf(app, '?sort=age&order=asc&limit=2');
  expect([limited.total, limited.matched, limited.rows.length]).toEqual([5, 5, 2]);
  expect(limited.rows.map(({ connectedAt }) => connectedAt)).toEqual(
    all.rows
      .map(({ connectedAt }) => connectedAt)
      .toReversed()
      .slice(0, 2),
  );
  for (const order of ['asc', 'desc']) {
    const { rows } = await clientsOf(app, `?sort=rtt&order=${order}`);
    const known = rows.map(({ rtt }) => rtt?.smoothed).slice(0, 2) as number[];
    expect(known).toEqual(known.toSorted((x, y) => (order === 'asc' ? x - y : y - x)));
    expect(rows.slice(2).every(({ rtt }) => rtt === undefined)).toBe(true);
  }
  const silences = (await clientsOf(app)).rows.map(({ silence }) => silence);
  expect(silences).toEqual(silences.toSorted((x, y) => y - x));
  expect((await clientsOf(app, '?sort=bufferedBytes&limit=0')).rows).toEqual([]);
});

test('the most silent clients are found among many that are less silent', async () => {
  const app = await startDashboard({ heartbeat: { interval: 400, timeout: 20_000 } });
  // The clients are visited in the order in which they connect.
  const names = ['a', 'silent', 'b', 'c', 'd', 'most silent', 'e', 'f'];
  const clients: ({ name: string } & Awaited<ReturnType<typeof admit>>)[] = [];
  for (const name of names) clients.push({ name, ...(await admit(app, name)) });
  const sendExcept = (quiet: RegExp) =>
    Promise.all(
      clients
        .filter(({ name }) => !quiet.test(name))
        .map(async ({ peer, socket }) => {
          const isSilent = () => (app.liveness.get(peer)?.silence ?? NaN) > 20;
          expect(await eventually(isSilent)).toBe(true);
          const received = once(peer, 'message');
          socket.send('{}');
          await received;
        }),
    );
  for (const { socket } of clients) socket.pause();
  await sendExcept(/most silent/);
  await sendExcept(/silent/);
  expect(labels(await clientsOf(app, '?limit=1'))).toEqual(['most silent']);
  expect(labels(await clientsOf(app, '?limit=2'))).toEqual(['most silent', 'silent']);
});

describe.each(Object.entries(PLATFORMS))('on %s', (_, platform) => {
  test.each([
    'limit=1001',
    'limit=-1',
    'limit=1.5',
    'limit=',
    'limit=1e2',
    'limit=ten',
    'limit=1&limit=2',
    'sort=id',
    'sort=constructor',
    'order=up',
    'state=dead',
    'state=',
    'state[]=alive&state=x',
    'gateway=NoGateway',
    'gateway=%00%E2%80%AE',
  ])('?%s is a 400 with a code', async (query) => {
    const { request } = await startDashboard({ platform });
    const { status, text } = await request(`/heartbeat/data/clients?${query}`);
    expect([status, JSON.parse(text)]).toEqual([
      400,
      {
        statusCode: 400,
        code: 'HEARTBEAT_INVALID_ARGUMENT',
        message: expect.any(String) as unknown,
      },
    ]);
  });
});

test('what the route does not know in a query is ignored', async () => {
  const app = await startDashboard();
  expect((await clientsOf(app, '?_=1&limit=1000')).total).toBe(0);
});

describe('addresses', () => {
  const address = '127.0.0.1';

  test.each<['masked' | 'full' | 'hidden', string | undefined, number]>([
    ['masked', '127.0.0.x', 0],
    ['full', address, 1],
    ['hidden', undefined, 0],
  ])('%s', async (addresses, shown, found) => {
    const app = await startDashboard({ dashboard: { public: true, addresses } });
    const { socket } = await app.connect('/chat');
    const expected = onUnix ? undefined : shown;
    expect((await clientsOf(app)).rows.map(({ remoteAddress }) => remoteAddress)).toEqual([
      expected,
    ]);
    const matched = onUnix ? 0 : found;
    expect((await clientsOf(app, `?q=${address}`)).matched).toBe(matched);
    const gone = app.events.next('disconnected');
    socket.close();
    await gone;
    const { text } = await app.request('/heartbeat/data/history');
    expect((JSON.parse(text) as Clients).rows[0]?.remoteAddress).toBe(expected);
    expect(text.includes(address)).toBe(expected === address);
    const history = await app.read<Clients>(`/heartbeat/data/history?q=${address}`);
    expect(history.matched).toBe(matched);
  });
});

test('hostile text arrives as it is, as JSON that is never taken for a page', async () => {
  const app = await startDashboard();
  const label = '</script><img src=x onerror=alert(1)>\u202e"\u0000';
  await admit(app, label);
  const { text, headers } = await app.request('/heartbeat/data/clients');
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  expect(labels(JSON.parse(text) as Clients)).toEqual([label]);
});

describe('a scan of all clients', () => {
  let counting: NodeJS.Immediate | undefined;

  afterEach(() => clearImmediate(counting));

  /** Counts the turns of the event loop, until the end of the test. Returns the current count. */
  function countTurns(): () => number {
    let turn = 0;
    counting = setImmediate(function count() {
      turn++;
      counting = setImmediate(count);
    });
    return () => turn;
  }

  function occupy(ms: number): void {
    for (const end = performance.now() + ms; performance.now() < end;);
  }

  test('a scan pauses after 4 ms of work, and a short one does not', async () => {
    const app = await startDashboard();
    for (let count = 0; count < 40; count++) await app.connect('/chat');
    const scan = app.app.get(ClientScan, { strict: false });
    const turns = countTurns();
    const turnsOf = async (work: number) => {
      const visited: number[] = [];
      await scan.run(() => {
        occupy(work);
        visited.push(turns());
      });
      expect(visited).toHaveLength(40);
      return new Set(visited).size;
    };
    // The time is read after every 16 visits.
    expect(await turnsOf(0.5)).toBe(3);
    expect(await turnsOf(0)).toBeLessThanOrEqual(2);
  });

  test('one scan runs at a time, and one that fails does not stop the next', async () => {
    const app = await startDashboard();
    for (let count = 0; count < 20; count++) await app.connect('/chat');
    const scan = app.app.get(ClientScan, { strict: false });
    const visits: string[] = [];
    const visit = (name: string) => () => {
      occupy(0.5);
      visits.push(name);
    };
    const failing = scan.run(() => {
      throw new Error('failed');
    });
    const scans = Promise.all(['a', 'b'].map((name) => scan.run(visit(name))));
    await expect(failing).rejects.toThrow('failed');
    await scans;
    expect(visits.join('')).toBe('a'.repeat(20) + 'b'.repeat(20));
  });
});
