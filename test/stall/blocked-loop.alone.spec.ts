import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../support/child.js';
import { Crowd } from './crowd.js';
import { CROWD, expectNoEvictions, IS_ALIVE_LOOP, POLICY, RECORDING_SERVER } from './stalls.js';

const LIMIT = 60_000;

afterAll(killAll);

test.concurrent.each([
  ['right after', 0],
  ['a third of the interval after', 1 / 3],
  ['two thirds of the interval after', 2 / 3],
])(
  'an event loop that a message handler blocks %s a ping closes none of 500 healthy clients',
  async (_, phase) => {
    const crowd = await Crowd.connect(RECORDING_SERVER, POLICY, CROWD);
    await expectNoEvictions(crowd, phase, (duration) => crowd.block(duration));
    await crowd.disband();
  },
  LIMIT,
);

test.concurrent(
  'such a block makes the isAlive loop close healthy clients',
  async () => {
    const crowd = await Crowd.connect(IS_ALIVE_LOOP, POLICY, 100);
    await crowd.untilPinged(2);
    await crowd.phase(0);
    await crowd.block(POLICY.timeout);
    await crowd.untilPinged(2);
    expect(await crowd.server.request('terminated')).toBeGreaterThan(0);
    await crowd.disband();
  },
  LIMIT,
);
