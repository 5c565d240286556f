import { checkPeer } from '../heartbeat.peers.js';

export { HeartbeatTelemetryModule } from './heartbeat.telemetry.module.js';
export type { HeartbeatTelemetryOptions } from './telemetry.options.js';

checkPeer('opentelemetry', '@opentelemetry/api');
