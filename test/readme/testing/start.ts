import type { INestApplication, Type } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { HEARTBEAT_CLOCK, HeartbeatTestClock } from 'nestjs-heartbeat/testing';
import { AppModule } from './app.module.js';

/** Starts an application whose heartbeats follow a clock that only the test moves. */
export async function start(
  root: Type = AppModule,
): Promise<{ app: INestApplication; clock: HeartbeatTestClock }> {
  const clock = new HeartbeatTestClock();
  const module = await Test.createTestingModule({ imports: [root] })
    .overrideProvider(HEARTBEAT_CLOCK)
    .useValue(clock)
    .compile();
  const app = module.createNestApplication();
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  return { app, clock };
}
