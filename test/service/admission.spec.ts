import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored } from '../support/monitored.js';

const ADMISSION = { ...QUICK, admissionTimeout: 300 };

test('a client that is not admitted is closed after admissionTimeout, and no sooner', async () => {
  const { connect, events } = await startMonitored([ChatGateway], ADMISSION);
  const started = performance.now();
  const client = await connect('/chat');
  const { code, reason, at } = await client.closed;
  expect({ code, reason }).toEqual({ code: 3000, reason: 'not admitted in time' });
  expect(at - started).toBeGreaterThan(299);
  expect(events.of('evicted')[0]?.eviction).toMatchObject({
    cause: 'unadmitted',
    code: 3000,
    liveness: { admitted: false, state: expect.any(String) as unknown },
  });
});

test('messages do not extend the admission timeout', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], ADMISSION);
  const started = performance.now();
  const { closed, peer, send, socket } = await connect('/chat');
  const sending = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    send('say', 'hello');
    liveness.touch(peer);
  }, 20);
  const { code, at } = await closed;
  clearInterval(sending);
  expect(code).toBe(3000);
  expect(at - started).toBeLessThan(2_000);
});

test('an admitted client stays connected', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], ADMISSION);
  const admitted = await connect('/chat');
  expect(liveness.get(admitted.peer)?.admitted).toBe(false);
  liveness.admit(admitted.peer);
  expect(liveness.get(admitted.peer)?.admitted).toBe(true);
  const other = await connect('/chat');
  await other.closed;
  expect(liveness.isAlive(admitted.peer)).toBe(true);
});

test('without admissionTimeout a client that is not admitted stays connected', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const client = await connect('/chat');
  const dead = await connect('/chat', { autoPong: false });
  await dead.closed;
  expect(liveness.get(client.peer)).toMatchObject({ admitted: false, state: 'alive' });
});

test('get() and the disconnected event contain the label that was passed to admit()', async () => {
  const { connect, events, liveness } = await startMonitored([ChatGateway]);
  const { peer, socket } = await connect('/chat');
  expect(liveness.get(peer)).not.toHaveProperty('label');
  liveness.admit(peer, 'user 7');
  expect(liveness.get(peer)).toMatchObject({ admitted: true, label: 'user 7' });
  liveness.admit(peer);
  expect(liveness.get(peer)?.label).toBe('user 7');
  liveness.admit(peer, 'user 8');
  socket.close();
  expect((await events.when('disconnected')).liveness.label).toBe('user 8');
  expect(liveness.get(peer)?.label).toBe('user 8');
});

test.each([
  ['x'.repeat(128), 128],
  ['x'.repeat(129), 128],
  ['🙂'.repeat(65), 128],
  [`x${'🙂'.repeat(65)}`, 127],
])(
  'the label %s is cut to %i UTF-16 code units without splitting a character',
  async (label, length) => {
    const { connect, liveness } = await startMonitored([ChatGateway]);
    const { peer } = await connect('/chat');
    liveness.admit(peer, label);
    expect(liveness.get(peer)?.label).toBe(label.slice(0, length));
  },
);

test('admit() throws for a label that is not a string, and does not admit the client', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway]);
  const { peer } = await connect('/chat');
  const refused = { name: 'TypeError', code: 'HEARTBEAT_INVALID_ARGUMENT' };
  expect(() => liveness.admit(peer, 7 as never)).toThrow(expect.objectContaining(refused));
  expect(liveness.get(peer)?.admitted).toBe(false);
});
