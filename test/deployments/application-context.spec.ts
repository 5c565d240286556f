import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { WebSocketServer } from 'ws';
import { ChatGateway } from '../support/chat.gateway.js';
import { QUICK } from '../support/monitored.js';
import { LogRecorder } from '../support/log-recorder.js';
import { Deployment, expectMonitored, rootModule } from './deployment.js';

async function startContext(options: HeartbeatModuleOptions) {
  const logger = new LogRecorder();
  const app = await NestFactory.createApplicationContext(
    rootModule({ providers: [ChatGateway] }, options),
    { logger },
  );
  return { deployment: Deployment.of(app), logger };
}

test('an application context without servers starts and closes: there is nothing to detector', async () => {
  const { deployment, logger } = await startContext({});
  const { events, liveness } = deployment;
  expect(liveness.size).toBe(0);
  expect([...liveness.clients()]).toEqual([]);
  expect(liveness.snapshot().totals.connected).toBe(0);
  await deployment.close();
  expect(events.isComplete).toBe(true);
  expect(logger.of('warn')).toEqual([]);
  expect(logger.of('error')).toEqual([]);
});

test('an application context monitors and drains a server that is passed to watch()', async () => {
  const { deployment } = await startContext(QUICK);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  deployment.liveness.watch(server);
  deployment.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expectMonitored(deployment);
  server.close();
  await once(server, 'close');
});
