import checkPeer from '../heartbeat.peers.cjs';

export { HeartbeatTelemetryModule } from './heartbeat.telemetry.module.js';
export type { HeartbeatTelemetryOptions } from './telemetry.options.js';

checkPeer('opentelemetry', '@opentelemetry/api');
