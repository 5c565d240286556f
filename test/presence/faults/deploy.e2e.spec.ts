import { afterAll, it } from '@jest/globals';
import { killAll } from '../../support/child.js';
import { stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { expectSmoothDeploy } from './deploy.scenario.js';
import { endRoaming } from './roaming.clients.js';

afterAll(async () => {
  endRoaming();
  await killAll();
  await stopRedis();
});

requires('redis-server')('A rolling update of two nodes', () => {
  it('makes no client leave that comes back in time, and counts none that has left', async () => {
    await expectSmoothDeploy({ nodes: 2, clients: 150, linger: 2_000 });
  });
});
