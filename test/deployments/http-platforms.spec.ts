import { describe, expect, test } from '@jest/globals';
import type { Server } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { getText } from '../support/http.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { Deployment, expectMonitored } from './deployment.js';

@Controller()
class HelloController {
  @Get('hello')
  hello(): string {
    return 'hello';
  }
}

@WebSocketGateway()
class RootGateway {
  @SubscribeMessage('say')
  chat(_client: unknown, data: unknown): unknown {
    return { event: 'said', data };
  }
}

const PLATFORMS = {
  Express: () => new ExpressAdapter(),
  Fastify: () => new FastifyAdapter(),
  'Fastify that closes open connections on shutdown': () =>
    new FastifyAdapter({ forceCloseConnections: true }),
};

describe.each(Object.entries(PLATFORMS))('on %s', (_, platform) => {
  const start = () =>
    Deployment.http(
      { controllers: [HelloController], providers: [RootGateway, ChatGateway] },
      { httpAdapter: platform() },
    );

  test.each(['/', '/chat'])('the clients at %s are monitored and drained', async (path) => {
    await expectMonitored(await start(), path);
  });

  test('HTTP routes and message handlers work beside the monitoring', async () => {
    const deployment = await start();
    const client = await deployment.connect('/chat');
    expect(await client.request('say', 1)).toEqual({ event: 'said', data: 1 });
    expect(await getText(`${deployment.url}/hello`)).toBe('hello');
    expect(deployment.liveness.isAlive(client.peer)).toBe(true);
  });

  test('no listener stays on the HTTP server after close', async () => {
    const deployment = await start();
    const server = deployment.app.getHttpServer() as Server;
    expect(server.listenerCount('upgrade')).toBeGreaterThan(0);
    await deployment.close();
    expect(server.listening).toBe(false);
  });
});
