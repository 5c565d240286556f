import { checkPeer } from '../heartbeat.peers.js';

checkPeer('terminus', '@nestjs/terminus');

export { HeartbeatHealthIndicator } from './heartbeat.health-indicator.js';
