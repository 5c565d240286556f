import {
  createParamDecorator,
  Injectable,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import type { WebSocket } from 'ws';
import type { Liveness } from '../heartbeat.interfaces.js';
import { LivenessService } from './liveness.service.js';

/** Turns the client into what is known of it: a pipe, because only pipes of a parameter are injected into. */
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
 * Injects the caller's `Liveness` into a message handler; `undefined` where it is not tracked.
 *
 * @publicApi
 */
export const ClientLiveness = (): ParameterDecorator => Client(ClientLivenessPipe);
