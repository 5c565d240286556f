import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { startMonitored } from '../support/monitored.js';

@WebSocketGateway({ path: '/chat' })
class ChatGateway {}

// A frozen client reads all pings at once when it continues, and its `ws` terminates a connection on which
// it reads more than 60.
test('a client that does not answer is pinged once an interval, until it is evicted', async () => {
  const { connect } = await startMonitored([ChatGateway], { interval: 200, timeout: 3_000 });

  const client = await connect('/chat', { autoPong: false });
  const { code } = await client.closed;

  expect(code).toBe(1006);
  expect(client.pings.length).toBeGreaterThan(1);
  expect(client.pings.length).toBeLessThanOrEqual(3_000 / 200 + 2);
});
