import { expect, test } from '@jest/globals';
import { isHeartbeat } from 'nestjs-heartbeat';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';

test('an answer longer than 512 bytes, which is not a heartbeat message, is not sent', async () => {
  const { connect } = await startMonitored([ChatGateway]);
  const client = await connect('/chat');
  // JSON.stringify() writes each number with 21 characters; the client needs 4.
  const at = `[${Array<string>(60).fill('1e20').join()}]`;
  const ping = `{"event":"heartbeat","data":{"op":"ping","id":"x","at":${at}}}`;
  expect(isHeartbeat(ping)).toBe(true);
  client.socket.send(ping);
  expect(await client.request('heartbeat')).toMatchObject({ data: { op: 'ack' } });
  expect(client.messages).toHaveLength(1);
});
