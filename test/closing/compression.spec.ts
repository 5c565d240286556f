import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { startMonitored } from '../support/monitored.js';

/** Compressing it takes several times `CLOSE_TIMEOUT`. */
const MESSAGE = randomBytes(6 * 1024 * 1024).toString('base64');
/** Milliseconds. */
const CLOSE_TIMEOUT = 50;

@WebSocketGateway({ path: '/compressed', perMessageDeflate: true })
class CompressedGateway {}

test.each(['the application', 'disconnect()', 'the client'])(
  'a message that is still being compressed when %s closes arrives before the close frame',
  async (side) => {
    const { connect, events, liveness } = await startMonitored([CompressedGateway], {
      interval: 100,
      timeout: 30_000,
      closeTimeout: CLOSE_TIMEOUT,
    });
    const { socket, peer, closed, messages } = await connect('/compressed', {
      perMessageDeflate: true,
    });

    const since = performance.now();
    let compressedAfter = 0;
    peer.send(JSON.stringify(MESSAGE), () => (compressedAfter = performance.now() - since));
    if (side === 'the application') peer.close(1000);
    else if (side === 'disconnect()') liveness.disconnect(peer);
    else socket.close(1000);

    expect(await closed).toMatchObject({ code: 1000 });
    await events.when('disconnected');
    // Otherwise nothing is shown: the message was compressed in time.
    expect(compressedAfter).toBeGreaterThan(2 * CLOSE_TIMEOUT);
    expect(messages.map((message) => message === MESSAGE)).toEqual([true]);
  },
);
