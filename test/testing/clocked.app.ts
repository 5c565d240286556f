import type { ModuleMetadata } from '@nestjs/common';
import type { HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { HeartbeatTestClock } from 'nestjs-heartbeat/testing';
import { ChatGateway } from '../support/chat.gateway.js';
import { startMonitored } from '../support/monitored.js';

/** Starts an application on a test clock, whose gateway is at `/chat`. It is closed after the test. */
export async function startClocked(
  options: HeartbeatModuleOptions = {},
  imports: NonNullable<ModuleMetadata['imports']> = [],
  clock = new HeartbeatTestClock(),
) {
  return { ...(await startMonitored([ChatGateway], options, { imports, clock })), clock };
}
