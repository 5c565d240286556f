import {
  createParamDecorator,
  Injectable,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import type { WebSocket } from 'ws';
import type { Liveness } from '../heartbeat.interfaces.js';
import { LivenessService } from './liveness.service.js';

/** Maps a client to its liveness. A pipe, because a parameter decorator itself gets no injected dependencies. */
@Injectable()
export class ClientLivenessPipe implements PipeTransform<WebSocket, Liveness | undefined> {
  constructor(private readonly liveness: LivenessService) {}

  transform(client: WebSocket): Liveness | undefined {
    return this.liveness.get(client);
  }
}

const Client = createParamDecorator((_: unknown, context: ExecutionContext) =>
  context.switchToWs().getClient<WebSocket>(),
);

/**
 * Injects the caller's `Liveness` into a message handler; `undefined` if the client is not tracked.
 *
 * @publicApi
 */
export const ClientLiveness = (): ParameterDecorator => Client(ClientLivenessPipe);
