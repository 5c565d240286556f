import { expect, test } from '@jest/globals';
import type { RoundTripTimes } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';
import { connectRaw, maskedFrame, Opcode } from '../support/raw-client.js';

test('the first pong sets the round-trip time, and each further one updates the smoothed value', async () => {
  // The default interval is so long that the module sends no ping of its own.
  const { connect, liveness } = await startMonitored([ChatGateway], {});
  const { peer } = await connect('/chat');
  const first = await liveness.probe(peer);
  expect(liveness.get(peer)?.rtt).toEqual({
    last: first,
    smoothed: first,
    variation: first / 2,
    min: first,
  });

  const second = await liveness.probe(peer);
  // Times are stored in steps of 10 ns, the variation in steps of 5 ns.
  const [before, now] = [first, second].map((time) => Math.round(time * 1e5)) as [number, number];
  expect(liveness.get(peer)?.rtt).toEqual({
    last: second,
    smoothed: (before + Math.round((now - before) / 8)) / 1e5,
    variation: (before + Math.round((2 * Math.abs(before - now) - before) / 4)) / 2 / 1e5,
    min: Math.min(first, second),
  });
  expect(Object.isFrozen(liveness.get(peer)?.rtt)).toBe(true);
});

test('a round trip includes the time that the client takes to answer', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway], {
    interval: 100,
    timeout: 60_000,
  });
  const started = performance.now();
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  let rtt: RoundTripTimes | undefined;
  // A sample taken across a stall of this process is discarded, so this repeats until there is one.
  while (rtt === undefined) {
    const ping = await raw.frame(Opcode.Ping);
    await new Promise((resolve) => setTimeout(resolve, 80));
    raw.socket.write(maskedFrame(Opcode.Pong, ping.payload));
    // Frames arrive in order: once this message is answered, the pong has been read.
    raw.socket.write(maskedFrame(Opcode.Text, Buffer.from(JSON.stringify({ event: 'say' }))));
    await raw.frame(Opcode.Text);
    rtt = liveness.get(client)?.rtt;
  }
  expect(rtt.last).toBeGreaterThan(79);
  expect(rtt.last).toBeLessThan(performance.now() - started);
  raw.socket.destroy();
});

test.each([
  ['with no payload', Buffer.alloc(0)],
  ['with a payload of its own', Buffer.from('12345678')],
])('a pong %s is a sign of life, but gives no round trip', async (_, payload) => {
  const { events, liveness, url } = await startMonitored([ChatGateway]);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('suspect');
  raw.socket.write(maskedFrame(Opcode.Pong, payload));
  await events.when('recovered');
  expect(liveness.get(client)?.rtt).toBeUndefined();
  raw.socket.destroy();
});

test('a second pong with the same payload gives no round trip', async () => {
  const { events, liveness, url } = await startMonitored([ChatGateway]);
  const raw = await connectRaw(`${url}/chat`);
  const { client } = await events.when('connected');
  const { payload } = await raw.frame(Opcode.Ping);
  const answer = Buffer.concat([
    maskedFrame(Opcode.Pong, payload),
    maskedFrame(Opcode.Text, Buffer.from(JSON.stringify({ event: 'say' }))),
  ]);
  raw.socket.write(answer);
  await raw.frame(Opcode.Text);
  const rtt = liveness.get(client)?.rtt;
  expect(rtt).toBeDefined();
  raw.socket.write(answer);
  await raw.frame(Opcode.Text, 2);
  expect(liveness.get(client)?.rtt).toEqual(rtt);
  raw.socket.destroy();
});
