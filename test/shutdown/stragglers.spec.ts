import { expect, test } from '@jest/globals';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK, startMonitored } from '../support/monitored.js';
import { connectRaw, Opcode, readClose } from '../support/raw-client.js';
import { abrupt } from '../support/tls.js';

test('app.close() returns although a client never answers the close frame, and all others are closed with 1012', async () => {
  const within = 300;
  const { close, connect, events, liveness, url } = await startMonitored([ChatGateway], {
    ...QUICK,
    drain: { within },
  });
  const clients = [];
  for (let count = 0; count < 9; count++) clients.push(await connect('/chat'));
  const straggler = await connectRaw(`${url}/chat`, { answersPings: true });
  const started = performance.now();
  const closed = close();
  // This client connects so late that its own close timeout of 5 s would end after the bound of the shutdown.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const late = await connectRaw(`${url}/chat`, { answersPings: true });
  await closed;
  const duration = performance.now() - started;
  expect(duration).toBeGreaterThan(4_999);
  expect(duration).toBeLessThan(within + 6_000);

  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1012 });
  const close1012 = await straggler.frame(Opcode.Close);
  expect(readClose(close1012)).toEqual({ code: 1012, reason: 'server restarts' });
  const { how, at } = await straggler.ended;
  expect(how).toBe(abrupt);
  expect(at - close1012.at).toBeGreaterThan(4_950);

  expect(readClose(await late.frame(Opcode.Close)).code).toBe(1012);
  expect((await late.ended).how).toBe(abrupt);

  const codes = events.of('disconnected').map(({ code }) => code);
  expect(codes.filter((code) => code === 1012)).toHaveLength(9);
  expect(codes.filter((code) => code === 1006)).toHaveLength(2);
  const report = await liveness.drain();
  expect(report).toEqual({ closed: 9, terminated: 2, duration: expect.any(Number) as unknown });
  expect(report.duration).toBeGreaterThan(4_999);
  expect(report.duration).toBeLessThanOrEqual(duration + 1);
  expect(Object.isFrozen(report)).toBe(true);
});
