import { expect, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import {
  HeartbeatModule,
  InjectHeartbeatOptions,
  LivenessService,
  type ResolvedHeartbeatOptions,
} from 'nestjs-heartbeat';
import { createApp } from '../support/app.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { startWith } from '../support/monitored.js';

@Injectable()
class Reader {
  constructor(
    readonly liveness: LivenessService,
    @InjectHeartbeatOptions() readonly options: ResolvedHeartbeatOptions,
  ) {}
}

test('imports: [HeartbeatModule] uses all defaults', async () => {
  const { app, connect, liveness } = await startWith({
    imports: [HeartbeatModule],
    providers: [ChatGateway, Reader],
  });
  const reference = await createApp({ imports: [HeartbeatModule.forRoot()], providers: [Reader] });
  expect(app.get(Reader).options).toEqual(reference.get(Reader).options);
  expect(app.get(Reader).liveness).toBe(liveness);
  const { peer } = await connect('/chat');
  expect(liveness.get(peer)).toMatchObject({ state: 'alive', gateways: ['ChatGateway'] });
});

test('several modules can import HeartbeatModule and share one instance', async () => {
  @Module({ imports: [HeartbeatModule], providers: [ChatGateway] })
  class ChatModule {}
  @Module({ imports: [HeartbeatModule], providers: [Reader], exports: [Reader] })
  class ReaderModule {}

  const { app, connect, liveness } = await startWith({ imports: [ChatModule, ReaderModule] });
  const { peer } = await connect('/chat');
  expect(liveness.isAlive(peer)).toBe(true);
  expect(app.get(Reader, { strict: false }).liveness).toBe(liveness);
});
