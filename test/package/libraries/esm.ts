// A gateway library as a user of nestjs-heartbeat publishes it, compiled to ES modules.
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, LivenessService } from 'nestjs-heartbeat';

export { LivenessService } from 'nestjs-heartbeat';
export { withHeartbeat } from 'nestjs-heartbeat/client';
export { connect } from 'nestjs-heartbeat/client/reconnect';

export const path = '/esm';

@Heartbeat({ interval: 5_000, timeout: 10_000 })
@WebSocketGateway({ path })
class EsmGateway {
  constructor(readonly liveness: LivenessService) {}
}

export { EsmGateway as Gateway };
