// A gateway library as a user of nestjs-heartbeat publishes it, compiled to CommonJS.
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, LivenessService } from 'nestjs-heartbeat';

export { LivenessService } from 'nestjs-heartbeat';
export { withHeartbeat } from 'nestjs-heartbeat/client';
export { connect } from 'nestjs-heartbeat/client/reconnect';

export const path = '/commonjs';

@Heartbeat({ interval: 5_000, timeout: 10_000 })
@WebSocketGateway({ path })
class CommonJsGateway {
  constructor(readonly liveness: LivenessService) {}
}

export { CommonJsGateway as Gateway };
