import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { modulePolicy, resolveModuleOptions } from '../../src/heartbeat.options.resolver.js';
import { DetectorPolicy } from '../../src/detector/detector.policy.js';
import { Simulation } from '../support/simulation.js';
import { EVICTIONS, type Decision } from '../support/decisions.js';

const SEED = 20_261_125;
const LONGEST = 2 ** 31 - 1;
/** Of a schedule, in simulated ms. */
const LENGTH = 2_500;

/** Down to what is far below a tick, and up to what no timer could hold. */
const short = fc.oneof(
  fc.constantFrom(Number.MIN_VALUE, 0.2, 1, 2, 10, 11, 39, 40, 41, 99, 100, 101, 1_000.25),
  fc.integer({ min: 1, max: 2_000 }),
);
/** From the shortest that is accepted. */
const time = fc.oneof(
  fc.constantFrom(40, 40.1, 41, 99, 100, 101, 1_000.25),
  fc.integer({ min: 40, max: 2_000 }),
);
const clock = fc.oneof(
  { weight: 4, arbitrary: short },
  { weight: 1, arbitrary: fc.constant(LONGEST) },
  { weight: 2, arbitrary: fc.constant(false as const) },
);
const options = fc
  .record({
    interval: time,
    margin: time,
    idleTimeout: clock,
    maxLifetime: clock,
    admissionTimeout: clock,
    liveness: fc.constantFrom('transport' as const, 'application' as const),
    limits: fc.constantFrom(false as const, {}),
    dryRun: fc.boolean(),
  })
  .map(({ margin, ...own }) => ({ ...own, timeout: Math.max(200, own.interval + margin) }))
  // A sum may be rounded down.
  .filter(({ interval, timeout }) => timeout - interval >= 40);

type Given = typeof options extends fc.Arbitrary<infer Value> ? Value : never;

/** When each clock runs out, in ms, as it is documented: a lifetime ends up to a tenth early. */
function dueOf({ idleTimeout, maxLifetime, admissionTimeout }: Given) {
  const ms = (time: number | false) => (time === false ? Infinity : time);
  return [
    { verdict: 'idle', from: ms(idleTimeout), until: ms(idleTimeout) },
    { verdict: 'expired', from: ms(maxLifetime) * 0.9, until: ms(maxLifetime) },
    { verdict: 'unadmitted', from: ms(admissionTimeout), until: ms(admissionTimeout) },
  ] as const;
}

/** The longest tick that fits the times: four in an interval and in what is left, twenty in a timeout. */
const longestTick = ({ interval, timeout }: Given) =>
  Math.max(10, Math.min(interval / 4, (timeout - interval) / 4, timeout / 20, 100));

/** How many ms after what is due it may be spoken: the first tick, rounding, and one look for each clock. */
const late = ({ tick }: DetectorPolicy) => 5 * tick;

test('every clock runs out in its bounds, next to all others, for who answers at once', () => {
  const ends = new Map<Decision, number>();
  let observed = 0;
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 9 }), (given, phase) => {
      const own = new DetectorPolicy(modulePolicy(resolveModuleOptions(given, 'HeartbeatModule')));
      expect(own.tick).toBeLessThanOrEqual(longestTick(given) + 1);
      const simulation = new Simulation(own);
      const start = simulation.now;
      const peer = simulation.connectLast(phase);
      if (own.application) peer.record.pings.enableMessagePings();
      simulation.answerAfter = simulation.replyAfter = 0;
      simulation.runUntil(start + LENGTH);

      const due = dueOf(given);
      const first = Math.min(...due.map(({ until }) => until));
      const spoken = simulation.times(peer, ...EVICTIONS);
      const times = (...verdicts: readonly Decision[]) =>
        simulation.times(peer, ...verdicts).map((at) => at - start);
      const faults = due.flatMap(({ verdict, from, until }) => {
        const [time = Infinity, ...more] = times(verdict);
        // Whom one clock closed, no other does: who is only observed is told of each.
        const mayMiss = !own.dryRun && spoken.length > 0;
        const mustCome = until + late(own) < LENGTH && !mayMiss;
        const isWrong =
          time < from ||
          more.length > 0 ||
          (time === Infinity ? mustCome : time > until + late(own));
        if (time < Infinity) ends.set(verdict, (ends.get(verdict) ?? 0) + 1);
        return isWrong ? [{ verdict, from, until, time, more }] : [];
      });
      expect(faults).toEqual([]);
      // The first clock that ran out did close who is closed.
      const mustEnd = !own.dryRun && first + late(own) < LENGTH;
      const [end = Infinity] = times(...EVICTIONS);
      expect(mustEnd && end > first + late(own)).toBe(false);
      // Who answers is not dead, whatever the times; and observing closes nobody.
      expect(times('unresponsive')).toEqual([]);
      const isClosed = !own.dryRun && spoken.length > 0;
      expect(peer.record.isWaiting).toBe(!isClosed);
      if (own.dryRun) observed += spoken.length;
    }),
    { seed: SEED, numRuns: 1_000 },
  );
  for (const verdict of ['idle', 'expired', 'unadmitted'] as const) {
    expect([verdict, (ends.get(verdict) ?? 0) > 150]).toEqual([verdict, true]);
  }
  expect(observed).toBeGreaterThan(200);
});

test('who falls silent is found in the bound, however short the times are', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 9 }), (given, phase) => {
      const own = new DetectorPolicy(
        modulePolicy(
          resolveModuleOptions(
            { ...given, idleTimeout: false, maxLifetime: false, admissionTimeout: false },
            'HeartbeatModule',
          ),
        ),
      );
      const simulation = new Simulation(own);
      const peer = simulation.connectLast(phase);
      // Its last word comes between the tick of `last` and the one before.
      const last = simulation.now + 20 * own.tick;
      simulation.poll = (now) => {
        if (now <= last) simulation.message(peer);
      };
      simulation.runUntil(last + 2 * given.timeout + 20 * own.tick);
      const verdicts = simulation.times(peer, 'unresponsive');
      expect(verdicts).toHaveLength(1);
      const silence = (verdicts[0] ?? 0) - last;
      expect(silence).toBeGreaterThanOrEqual(given.timeout);
      // Nobody is judged unasked, and a question is open for a tick at least.
      const bound = Math.max(given.timeout * 1.1 + 2 * own.tick, given.timeout + 4 * own.tick);
      expect(silence).toBeLessThanOrEqual(bound);
      expect(simulation.detector.size).toBe(own.dryRun ? phase : 0);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

test('the longest times that are accepted can be waited for', () => {
  const longest = {
    interval: LONGEST - 40,
    timeout: LONGEST,
    idleTimeout: LONGEST,
    maxLifetime: LONGEST,
    admissionTimeout: LONGEST,
  };
  const own = new DetectorPolicy(modulePolicy(resolveModuleOptions(longest, 'HeartbeatModule')));
  const simulation = new Simulation(own);
  const peer = simulation.connectLast(3);
  simulation.runUntil(simulation.now + 600_000);
  expect(simulation.spoken).toEqual([]);
  expect(peer.record.isWaiting).toBe(true);
});
