import { afterEach } from '@jest/globals';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { HEARTBEAT_CLOCK, HeartbeatTestClock } from 'nestjs-heartbeat/testing';
import { ChatGateway } from '../support/chat.gateway.js';
import { EventLog } from '../support/event-log.js';

let started: INestApplication | undefined;

afterEach(() => started?.close());

/** Starts an application on a test clock, whose gateway is at `/chat`. It is closed after the test. */
export async function startClocked(
  options: HeartbeatModuleOptions = {},
  imports: NonNullable<ModuleMetadata['imports']> = [],
) {
  const clock = new HeartbeatTestClock();
  const testing = await Test.createTestingModule({
    imports: [HeartbeatModule.forRoot({ drain: false, ...options }), ...imports],
    providers: [ChatGateway],
  })
    .overrideProvider(HEARTBEAT_CLOCK)
    .useValue(clock)
    .compile();
  const app = testing.createNestApplication({ logger: ['error'] });
  started = app;
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0);
  const liveness = app.get(LivenessService);
  return { app, clock, liveness, events: new EventLog(liveness.events$) };
}
