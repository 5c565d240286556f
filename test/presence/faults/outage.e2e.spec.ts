import { afterAll, test } from '@jest/globals';
import { killAll } from '../../support/child.js';
import { stopRedis } from '../../support/redis.server.js';
import { requires } from '../../support/requirements.js';
import { expectHealed, FAULTS } from './outage.scenario.js';

afterAll(async () => {
  await killAll();
  await stopRedis();
});

requires('redis-server')('A store that is away for seconds', () => {
  test.concurrent.each(Object.entries(FAULTS))(
    '%s, touches no client, and is whole again in time',
    async (_, fault) => {
      await expectHealed(fault, { outage: 3_000, rate: 100, clients: 20 });
    },
  );
});
