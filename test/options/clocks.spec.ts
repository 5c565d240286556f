import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { modulePolicy, resolveModuleOptions } from '../../src/heartbeat.options.resolver.js';
import { DetectorPolicy } from '../../src/detector/detector.policy.js';
import { FULL } from '../support/full.js';
import { Simulation } from '../support/simulation.js';
import { EVICTIONS, type Decision } from '../support/decisions.js';

const SEED = 20_261_125;
const LONGEST = 2 ** 31 - 1;
/** The length of a schedule in simulated ms. */
const LENGTH = 2_500;
/** How many schedules of each property run. */
const RUNS = FULL ? 1_000 : 400;

/** Times for clocks, from far below a tick up to 2 s. */
const short = fc.oneof(
  fc.constantFrom(Number.MIN_VALUE, 0.2, 1, 2, 10, 11, 39, 40, 41, 99, 100, 101, 1_000.25),
  fc.integer({ min: 1, max: 2_000 }),
);
/** Times for `interval` and its margin, from the shortest that is accepted. */
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
  .map(({ margin, ...rest }) => ({ ...rest, timeout: Math.max(200, rest.interval + margin) }))
  // The sum may be rounded down.
  .filter(({ interval, timeout }) => timeout - interval >= 40);

type Values = typeof options extends fc.Arbitrary<infer Value> ? Value : never;

/** When each clock expires, in ms, as documented: a lifetime ends up to a tenth early. */
function dueOf({ idleTimeout, maxLifetime, admissionTimeout }: Values) {
  const ms = (time: number | false) => (time === false ? Infinity : time);
  return [
    { cause: 'idle', from: ms(idleTimeout), until: ms(idleTimeout) },
    { cause: 'expired', from: ms(maxLifetime) * 0.9, until: ms(maxLifetime) },
    { cause: 'unadmitted', from: ms(admissionTimeout), until: ms(admissionTimeout) },
  ] as const;
}

/** The longest tick for the times: four ticks per interval, four per margin, twenty per timeout. */
const longestTick = ({ interval, timeout }: Values) =>
  Math.max(10, Math.min(interval / 4, (timeout - interval) / 4, timeout / 20, 100));

/** How many ms after its expiry a clock may evict: the first tick, rounding, and one check per clock. */
const late = ({ tick }: DetectorPolicy) => 5 * tick;

test('every clock expires within its bounds beside all others, for a client that answers at once', () => {
  const ends = new Map<Decision, number>();
  let dryRunEvictions = 0;
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 9 }), (values, phase) => {
      const policy = new DetectorPolicy(
        modulePolicy(resolveModuleOptions(values, 'HeartbeatModule')),
      );
      expect(policy.tick).toBeLessThanOrEqual(longestTick(values) + 1);
      const simulation = new Simulation(policy);
      const start = simulation.now;
      const peer = simulation.connectLast(phase);
      if (policy.application) peer.enableMessagePings();
      simulation.answerAfter = simulation.replyAfter = 0;
      simulation.runUntil(start + LENGTH);

      const due = dueOf(values);
      const first = Math.min(...due.map(({ until }) => until));
      const evictions = simulation.times(peer, ...EVICTIONS);
      const times = (...decisions: readonly Decision[]) =>
        simulation.times(peer, ...decisions).map((at) => at - start);
      const faults = due.flatMap(({ cause, from, until }) => {
        const [time = Infinity, ...more] = times(cause);
        // One clock closes a client, so the others are not reached. A dry run reports each of them.
        const mayMiss = !policy.dryRun && evictions.length > 0;
        const mustCome = until + late(policy) < LENGTH && !mayMiss;
        const isWrong =
          time < from ||
          more.length > 0 ||
          (time === Infinity ? mustCome : time > until + late(policy));
        if (time < Infinity) ends.set(cause, (ends.get(cause) ?? 0) + 1);
        return isWrong ? [{ cause, from, until, time, more }] : [];
      });
      expect(faults).toEqual([]);
      // The first clock that expires closes the client.
      const mustEnd = !policy.dryRun && first + late(policy) < LENGTH;
      const [end = Infinity] = times(...EVICTIONS);
      expect(mustEnd && end > first + late(policy)).toBe(false);
      // A client that answers is never unresponsive, and a dry run closes no client.
      expect(times('unresponsive')).toEqual([]);
      const isClosed = !policy.dryRun && evictions.length > 0;
      expect(peer.isWaiting).toBe(!isClosed);
      if (policy.dryRun) dryRunEvictions += evictions.length;
    }),
    { seed: SEED, numRuns: RUNS },
  );
  for (const cause of ['idle', 'expired', 'unadmitted'] as const) {
    expect([cause, (ends.get(cause) ?? 0) > 0.15 * RUNS]).toEqual([cause, true]);
  }
  expect(dryRunEvictions).toBeGreaterThan(0.2 * RUNS);
});

test('a client that goes silent is evicted within the bound, however short the times are', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 9 }), (values, phase) => {
      const policy = new DetectorPolicy(
        modulePolicy(
          resolveModuleOptions(
            { ...values, idleTimeout: false, maxLifetime: false, admissionTimeout: false },
            'HeartbeatModule',
          ),
        ),
      );
      const simulation = new Simulation(policy);
      const peer = simulation.connectLast(phase);
      // Its last message arrives between the tick at `last` and the one before.
      const last = simulation.now + 20 * policy.tick;
      simulation.poll = (now) => {
        if (now <= last) simulation.message(peer);
      };
      simulation.runUntil(last + 2 * values.timeout + 20 * policy.tick);
      const evictions = simulation.times(peer, 'unresponsive');
      expect(evictions).toHaveLength(1);
      const silence = (evictions[0] ?? 0) - last;
      expect(silence).toBeGreaterThanOrEqual(values.timeout);
      // A client is evicted only after a ping that was pending for at least a tick.
      const bound = Math.max(
        values.timeout * 1.1 + 2 * policy.tick,
        values.timeout + 4 * policy.tick,
      );
      expect(silence).toBeLessThanOrEqual(bound);
      expect(simulation.detector.size).toBe(policy.dryRun ? phase : 0);
    }),
    { seed: SEED, numRuns: 0.3 * RUNS },
  );
});

test('the longest times that are accepted do not overflow', () => {
  const longest = {
    interval: LONGEST - 40,
    timeout: LONGEST,
    idleTimeout: LONGEST,
    maxLifetime: LONGEST,
    admissionTimeout: LONGEST,
  };
  const policy = new DetectorPolicy(modulePolicy(resolveModuleOptions(longest, 'HeartbeatModule')));
  const simulation = new Simulation(policy);
  const peer = simulation.connectLast(3);
  simulation.runUntil(simulation.now + 600_000);
  expect(simulation.recordedChecks).toEqual([]);
  expect(peer.isWaiting).toBe(true);
});
