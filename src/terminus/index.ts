import { checkPeer } from '../heartbeat.peers.js';

checkPeer('terminus', '@nestjs/terminus');
