import { afterAll, expect, test } from '@jest/globals';
import { killAll } from '../support/child.js';
import { Crowd } from './crowd.js';
import { CROWD, expectNobodyBlamed, IS_ALIVE_LOOP, POLICY, RECORDING_SERVER } from './stalls.js';

const LIMIT = 120_000;

afterAll(killAll);

test.concurrent.each([
  ['waits for something to do', 'right after', 0, 'stop' as const],
  ['waits for something to do', 'half an interval after', 1 / 2, 'stop' as const],
  ['handles a message', 'right after', 0, 'stopAtWork' as const],
  ['handles a message', 'half an interval after', 1 / 2, 'stopAtWork' as const],
])(
  'a server process that is stopped while it %s, %s a ping, closes none of 500 healthy clients when it goes on',
  async (_, __, phase, how) => {
    const crowd = await Crowd.gather(RECORDING_SERVER, POLICY, CROWD);
    await expectNobodyBlamed(crowd, phase, (duration) => crowd[how](duration));
    await crowd.disband();
  },
  LIMIT,
);

test.concurrent(
  'such a stop makes the isAlive loop close healthy clients',
  async () => {
    const crowd = await Crowd.gather(IS_ALIVE_LOOP, POLICY, 100);
    await crowd.untilPinged(2);
    await crowd.phase(0);
    await crowd.stopAtWork(POLICY.timeout);
    await crowd.untilPinged(2);
    expect(await crowd.server.ask('terminated')).toBeGreaterThan(0);
    await crowd.disband();
  },
  LIMIT,
);
