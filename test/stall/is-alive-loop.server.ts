// A gateway without the module: the `isAlive` loop from the documentation of `ws`. Settings: { interval }.
import type { OnApplicationBootstrap } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import type { WebSocket, WebSocketServer as Server } from 'ws';
import { blockFor } from '../support/block.js';
import { answer, settings } from '../support/programs/answers.mjs';
import { serve } from '../support/programs/serve.js';

const { interval } = settings as { interval: number };

@WebSocketGateway()
class IsAliveLoopGateway implements OnApplicationBootstrap {
  terminated = 0;

  @WebSocketServer()
  private readonly server!: Server;
  private readonly alive = new WeakSet<WebSocket>();

  onApplicationBootstrap(): void {
    setInterval(() => this.server.clients.forEach((client) => this.check(client)), interval);
  }

  handleConnection(client: WebSocket): void {
    this.alive.add(client);
    client.on('pong', () => this.alive.add(client));
  }

  @SubscribeMessage('block')
  block(@ConnectedSocket() client: WebSocket, @MessageBody() duration: number): void {
    blockFor(client, duration);
  }

  private check(client: WebSocket): void {
    if (this.alive.delete(client)) return client.ping();
    this.terminated++;
    client.terminate();
  }
}

const { app, url } = await serve({ providers: [IsAliveLoopGateway] });

answer({ url: () => url, terminated: () => app.get(IsAliveLoopGateway).terminated });
