import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { HeartbeatModule } from 'nestjs-heartbeat';
import type { WebSocket as Client } from 'ws';
import { startApp, type TestApp } from '../support/app.js';
import { requires } from '../support/requirements.js';
import { SlowLink } from '../support/slow.link.js';
import { useBrowser } from './fixture.js';

const TIMEOUT = 1_000;
/** Bytes per second. */
const RATE = 500_000;

@WebSocketGateway({ path: '/files' })
class FilesGateway {
  @SubscribeMessage('download')
  download(@ConnectedSocket() client: Client, @MessageBody() size: number): void {
    client.send('a'.repeat(size));
  }
}

requires('chromium')('a page on a slow link', () => {
  const fixture = useBrowser();
  let server: TestApp;
  let link: SlowLink;
  beforeAll(async () => {
    server = await startApp({
      imports: [HeartbeatModule.forRoot({ interval: TIMEOUT / 2, timeout: TIMEOUT })],
      providers: [FilesGateway],
    });
    link = await SlowLink.to(`${server.url}/files`, RATE);
  });
  afterAll(async () => {
    await link.close();
    await server.app.close();
  });

  test('receives a message whose transfer takes three times the timeout, after a few connections', async () => {
    const page = await fixture.visit();
    const size = (3 * TIMEOUT * RATE) / 1_000;
    await page.evaluate(`
      start(${JSON.stringify(link.url)}, { baseDelay: 100 });
      connection.on('up', () => connection.send('{"event":"download","data":${size}}'));
      connection.socket.addEventListener('message', ({ data }) => (globalThis.size = data.length));
      0`);
    await fixture.next('message');
    expect(await page.evaluate('size')).toBe(size);
    const downs = await fixture.count('down');
    expect(downs).toBeGreaterThan(0);
    expect(downs).toBeLessThanOrEqual(12);
    await page.evaluate('connection.close(), 0');
  });
});
