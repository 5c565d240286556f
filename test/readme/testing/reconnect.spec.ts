import { expect, test } from '@jest/globals';
import { LivenessService } from 'nestjs-heartbeat';
import { connect } from 'nestjs-heartbeat/client/reconnect';
import { filter, firstValueFrom } from 'rxjs';
import { WebSocket } from 'undici'; // in Node 22 and later, WebSocket is global
import { start } from './start.js';

test('a client reconnects after 1012', async () => {
  const { app } = await start();
  const liveness = app.get(LivenessService);
  const nextClient = () =>
    firstValueFrom(liveness.events$.pipe(filter(({ type }) => type === 'connected')));
  const first = nextClient();
  const url = `${(await app.getUrl()).replace('http', 'ws')}/chat`;
  const connection = connect(url, { WebSocket, baseDelay: 10 });
  await first;

  const second = nextClient();
  for (const { client } of liveness.clients()) liveness.disconnect(client, { code: 1012 });
  expect(await second).toMatchObject({ type: 'connected' });

  connection.close();
  await app.close();
});
