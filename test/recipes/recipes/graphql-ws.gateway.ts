import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { useServer } from 'graphql-ws/use/ws';
import { LivenessService } from 'nestjs-heartbeat';
import { WebSocketServer } from 'ws';
import { schema } from '../graphql.schema.js';

@Injectable()
export class GraphqlSubscriptions implements OnApplicationBootstrap {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly liveness: LivenessService,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer();
    const subscriptions = new WebSocketServer({ server, path: '/graphql' });
    useServer({ schema }, subscriptions, 0);
    this.liveness.watch(subscriptions, { liveness: 'transport' });
  }
}
