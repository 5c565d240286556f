import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { LivenessService } from 'nestjs-heartbeat';
import { WebSocketServer } from 'ws';
import { router } from '../trpc.router.js';

export type AppRouter = typeof router;

@Injectable()
export class TrpcServer implements OnApplicationBootstrap {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly liveness: LivenessService,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer();
    const wss = new WebSocketServer({ server, path: '/trpc' });
    applyWSSHandler({ wss, router });
    this.liveness.watch(wss, { liveness: 'transport' });
  }
}
