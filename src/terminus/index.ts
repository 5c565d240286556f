import checkPeer from '../heartbeat.peers.cjs';

checkPeer('terminus', '@nestjs/terminus');
