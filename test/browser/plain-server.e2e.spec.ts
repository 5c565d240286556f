import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { requires } from '../support/requirements.js';
import { useBrowser } from './fixture.js';

requires('chromium')('a page whose server does not support heartbeats', () => {
  const fixture = useBrowser();

  test('has a plain WebSocket', async () => {
    const plain = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    const received: string[] = [];
    plain.on('connection', (peer) =>
      peer.on('message', (data: Buffer) => {
        received.push(data.toString());
        peer.send(data.toString());
      }),
    );
    await once(plain, 'listening');
    const page = await fixture.visit();
    const { port } = plain.address() as AddressInfo;
    await page.evaluate(
      `open('ws://127.0.0.1:${port}', { helloTimeout: 100, timeout: 2_000, interval: 1_000 }), 0`,
    );
    await fixture.next('open');
    await page.evaluate(`socket.send('hi')`);
    await page.evaluate(`times('message', 2)`);
    // Longer than the requested timeout.
    await page.evaluate(`new Promise((resolve) => setTimeout(resolve, 2_500))`);
    expect(await page.evaluate('socket.heartbeat.state')).toBe('plain');
    // The hello of the client, and the message of the application.
    expect(received).toHaveLength(2);
    expect(received[1]).toBe('hi');

    for (const client of plain.clients) client.terminate();
    expect((await fixture.next('close')).code).toBe(1006);
    expect(await fixture.count('close')).toBe(1);
    plain.close();
  });
});
