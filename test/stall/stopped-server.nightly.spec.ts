import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../support/child.js';
import { Crowd } from './crowd.js';
import { CROWD, expectNoEvictions, IS_ALIVE_LOOP, POLICY, RECORDING_SERVER } from './stalls.js';

const LIMIT = 120_000;

afterAll(killAll);

test.concurrent.each([
  ['is idle', 'right after', 0, 'stop' as const],
  ['is idle', 'half an interval after', 1 / 2, 'stop' as const],
  ['handles a message', 'right after', 0, 'stopAtWork' as const],
  ['handles a message', 'half an interval after', 1 / 2, 'stopAtWork' as const],
])(
  'a server process that is stopped while it %s, %s a ping, closes none of 500 healthy clients after it continues',
  async (_, __, phase, how) => {
    const crowd = await Crowd.connect(RECORDING_SERVER, POLICY, CROWD);
    await expectNoEvictions(crowd, phase, (duration) => crowd[how](duration));
    await crowd.disband();
  },
  LIMIT,
);

test.concurrent(
  'such a stop makes the isAlive loop close healthy clients',
  async () => {
    const crowd = await Crowd.connect(IS_ALIVE_LOOP, POLICY, 100);
    await crowd.untilPinged(2);
    await crowd.phase(0);
    await crowd.stopAtWork(POLICY.timeout);
    await crowd.untilPinged(2);
    expect(await crowd.server.request('terminated')).toBeGreaterThan(0);
    await crowd.disband();
  },
  LIMIT,
);
