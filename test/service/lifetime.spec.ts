import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored } from '../support/monitored.js';

test('connections are closed at maxLifetime or up to 10 % earlier, spread over time', async () => {
  const { connect, events } = await startMonitored([ChatGateway], { ...QUICK, maxLifetime: 1_000 });
  const clients = [];
  for (let count = 0; count < 20; count++) clients.push(await connect('/chat'));
  for (const { closed } of clients) {
    const { code, reason } = await closed;
    expect({ code, reason }).toEqual({ code: 1012, reason: 'connection lifetime reached' });
  }

  const evicted = events.of('evicted');
  expect(evicted.map(({ eviction }) => eviction.cause)).toEqual(Array(20).fill('expired'));
  const ages = evicted.map(({ at, eviction }) => at - eviction.liveness.connectedAt);
  expect(Math.min(...ages)).toBeGreaterThan(898);
  expect(Math.min(...ages)).toBeLessThan(1_000);
  expect(Math.max(...ages)).toBeLessThan(1_500);
  expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(50);
});

test('a client that keeps sending messages is closed at maxLifetime as well', async () => {
  const { connect, liveness } = await startMonitored([ChatGateway], { ...QUICK, maxLifetime: 500 });
  const { closed, peer, send, socket } = await connect('/chat');
  const sending = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    send('say', 'hello');
    liveness.touch(peer);
  }, 20);
  expect(await closed).toMatchObject({ code: 1012 });
  clearInterval(sending);
});
