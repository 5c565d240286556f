import { checkPeer } from '../heartbeat.peers.js';

export { HeartbeatPrometheusModule } from './heartbeat.prometheus.module.js';
export type { HeartbeatPrometheusOptions } from './prometheus.options.js';

checkPeer('prometheus', 'prom-client');
