import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, type HeartbeatOptions } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { evictionTimes } from '../support/eviction.times.js';
import { startMonitored } from '../support/monitored.js';
import { connectRaw, Opcode, readClose } from '../support/raw-client.js';
import { abrupt } from '../support/tls.js';

/** The default `closeTimeout`. */
const CLOSE_TIMEOUT = 5_000;

function gatewayWith(path: string, options: HeartbeatOptions) {
  @Heartbeat(options)
  @WebSocketGateway({ path })
  class OneGateway {}
  return OneGateway;
}

test('a live client that does not answer the close frame is reset after 5 s, for every cause', async () => {
  const { events, liveness, url } = await startMonitored([
    gatewayWith('/idle', { idleTimeout: 100 }),
    gatewayWith('/expired', { maxLifetime: 100 }),
    gatewayWith('/unadmitted', { admissionTimeout: 100 }),
    ChatGateway,
  ]);
  const evictedAt = evictionTimes(liveness);
  const left = ['/idle', '/expired', '/unadmitted', '/chat', '/chat'].map((path) =>
    connectRaw(url + path, { answersPings: true }),
  );
  const clients = await Promise.all(left);
  const [first, second] = [...liveness.clients({ gateway: ChatGateway })];
  if (first) liveness.disconnect(first.client, { reason: 'out' });
  if (second) {
    liveness.disconnect(second.client, { reason: 'out' });
    liveness.pause(second.client);
  }

  const expected = [
    { code: 4409, reason: 'idle' },
    { code: 1012, reason: 'connection lifetime reached' },
    { code: 3000, reason: 'not admitted in time' },
    { code: 1000, reason: 'out' },
    { code: 1000, reason: 'out' },
  ];
  for (const [index, client] of clients.entries()) {
    const close = await client.frame(Opcode.Close);
    const { code } = readClose(close);
    expect(readClose(close)).toEqual(expected[index]);
    const { how, at } = await client.ended;
    expect(how).toBe(abrupt);
    // No ping and no second close frame follow.
    expect(client.frames.filter((frame) => frame.at > close.at)).toEqual([]);
    expect(at - Number(evictedAt.get(code))).toBeGreaterThan(CLOSE_TIMEOUT - 50);
    expect(at - close.at).toBeLessThan(CLOSE_TIMEOUT + 2_000);
  }
  await Promise.all(
    events
      .of('connected')
      .map(({ client }) => events.when('disconnected', (event) => event.client === client)),
  );
  for (const { code, eviction } of events.of('disconnected')) {
    expect(code).toBe(1006);
    expect(eviction?.code).not.toBe(1006);
  }
  expect(events.of('evicted')).toHaveLength(5);
});
