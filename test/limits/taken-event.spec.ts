import { expect, test } from '@jest/globals';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';

@WebSocketGateway({ path: '/own' })
class OwnHeartbeatGateway {
  @SubscribeMessage('heartbeat')
  heartbeat(_client: unknown, data: unknown): unknown {
    return { event: 'mine', data };
  }
}

test('a gateway that handles the reserved event itself keeps it, without limits, and boot warns', async () => {
  const logger = new LogRecorder();
  const { connect, events, liveness } = await startMonitored(
    [OwnHeartbeatGateway, ChatGateway],
    { interval: 60_000, timeout: 120_000 },
    { logger },
  );
  const [warning, ...others] = logger.of('warn');
  expect(others).toEqual([]);
  expect(warning).toContain('OwnHeartbeatGateway has a handler for "heartbeat"');

  const own = await connect('/own');
  const hello = { op: 'hello', v: 1 };
  for (let count = 0; count < 50; count++) {
    expect(await own.request('heartbeat', hello)).toEqual({ event: 'mine', data: hello });
  }
  expect(events.of('evicted')).toEqual([]);
  expect(liveness.isAlive(own.peer)).toBe(true);

  const chat = await connect('/chat');
  expect(await chat.request('heartbeat')).toMatchObject({
    event: 'heartbeat',
    data: { op: 'ack' },
  });
});
