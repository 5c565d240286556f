import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatOptionsError, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import {
  modulePolicy,
  resolveModuleOptions,
  resolvePolicy,
  resolveUpdate,
} from '../../src/heartbeat.options.resolver.js';
import type { HeartbeatOptions, HeartbeatPolicy } from '../../src/heartbeat.options.js';
import { DetectorPolicy } from '../../src/detector/detector.policy.js';
import { startMonitored } from '../support/monitored.js';
import { Simulation } from '../support/simulation.js';
import { EVICTIONS } from '../support/decisions.js';
import { FULL } from '../support/full.js';

/** `npm test` checks a share of the combinations. */
const SHARE = FULL ? 1 : 4;

const SEED = 20_261_125;
const LONGEST = 2 ** 31 - 1;

/** Times at the bounds, in the usual range, and in between. */
const time = fc.oneof(
  fc.constantFrom(1, 39, 40, 0.5, 199, 200, 1_000.25, 25_000, LONGEST, Number.MIN_VALUE),
  fc.integer({ min: 1, max: 2_000 }),
  fc.integer({ min: 1, max: 60_000 }),
  fc.integer({ min: 1, max: 600_000 }),
);
const clock = fc.option(time, { nil: false as const, freq: 2 });
/** All options, and one unknown name. */
const KEYS =
  'interval timeout liveness idleTimeout maxLifetime admissionTimeout closeTimeout event clientHeartbeats negotiation limits dryRun gateways drain intervall'.split(
    ' ',
  );
const rate = fc.record({
  rate: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  burst: fc.integer({ min: 1, max: 1e6 }),
});

const bytes = fc.integer({ min: 1, max: 2 ** 24 });

/** All options of a gateway, each set or not. */
const options: fc.Arbitrary<HeartbeatOptions> = fc.record(
  {
    interval: time,
    timeout: time,
    liveness: fc.constantFrom('transport', 'application'),
    idleTimeout: clock,
    maxLifetime: clock,
    admissionTimeout: clock,
    event: fc.oneof(fc.constant(false as const), fc.string({ minLength: 1 })),
    closeTimeout: time,
    clientHeartbeats: fc.oneof(
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      fc.constant(() => 'pong'),
    ),
    negotiation: fc.oneof(
      fc.constant(false as const),
      fc.constant({ minInterval: 9_000 }),
      fc
        .tuple(fc.integer({ min: 40, max: 9_000 }), fc.integer({ min: 40, max: 9_000 }))
        .map(([minInterval, margin]) => ({ minInterval, minTimeout: minInterval + margin + 200 })),
    ),
    limits: fc.oneof(
      fc.constant(false as const),
      fc.record(
        {
          pings: fc.option(rate, { nil: false as const }),
          pongs: fc.option(rate, { nil: false as const }),
          messages: fc.option(rate, { nil: false as const }),
          backlog: fc.oneof(
            fc.constant(false as const),
            fc.record({ stalled: bytes }, { requiredKeys: [] }),
            fc.tuple(bytes, bytes).map(([a, b]) => ({ stalled: Math.min(a, b), max: a + b })),
          ),
        },
        { requiredKeys: [] },
      ),
    ),
    dryRun: fc.boolean(),
  },
  { requiredKeys: [] },
);
const moduleOptions: fc.Arbitrary<HeartbeatModuleOptions> = fc
  .tuple(
    options,
    fc.record(
      {
        gateways: fc.constantFrom('all' as const, 'decorated' as const),
        drain: fc.oneof(
          fc.constant(false as const),
          fc.record({ within: fc.integer({ min: 0, max: LONGEST }) }, { requiredKeys: [] }),
        ),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([own, more]) => ({ ...own, ...more }));

/** Returns the HeartbeatOptionsError that `act` throws, if any. Any other error fails the test. */
function refusalOf(act: () => void): HeartbeatOptionsError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof HeartbeatOptionsError) return error;
    throw error;
  }
}

/** The resolved options, or `undefined` where they are refused. */
function accepted<Result>(resolve: () => Result): Result | undefined {
  let result: Result | undefined;
  refusalOf(() => (result = resolve()));
  return result;
}

/** Checks what must hold for every accepted combination. */
function expectSound(policy: HeartbeatPolicy): void {
  expect(policy.timeout - policy.interval).toBeGreaterThanOrEqual(40);
  const detectorPolicy = new DetectorPolicy(policy);
  const numbers = Object.entries(detectorPolicy).filter(([, value]) => typeof value === 'number');
  expect(numbers.filter(([, value]) => !(value >= 0))).toEqual([]);
  expect(Number.isInteger(detectorPolicy.tick)).toBe(true);
  expect(detectorPolicy.tick).toBeGreaterThanOrEqual(10);
  const { interval, timeout } = policy;
  const longest = Math.min(interval / 4, (timeout - interval) / 4, timeout / 20, 100);
  expect(detectorPolicy.tick).toBeLessThanOrEqual(longest);
}

describe('what validation accepts', () => {
  test('resolves to a valid policy, whichever of module, gateway and update() sets an option', () => {
    let sound = 0;
    fc.assert(
      fc.property(moduleOptions, options, options, (ofModule, ofGateway, ofUpdate) => {
        const resolved = accepted(() => resolveModuleOptions(ofModule, 'HeartbeatModule'));
        if (resolved === undefined) return;
        const base = modulePolicy(resolved);
        expectSound(base);
        const policy = accepted(() => resolvePolicy(base, ofGateway, 'ChatGateway'));
        if (policy === undefined) return;
        expectSound(policy);
        // An option that is set applies, and one that is not set is inherited.
        for (const [key, value] of Object.entries(policy)) {
          if (key === 'limits' || key === 'negotiation') continue;
          const set = ofGateway[key as keyof HeartbeatOptions];
          const inherited = base[key as keyof HeartbeatPolicy];
          expect([key, value]).toEqual([key, set === undefined ? inherited : set]);
        }
        const { interval, timeout, idleTimeout, maxLifetime, liveness } = ofUpdate;
        const update = { interval, timeout, idleTimeout, maxLifetime, liveness };
        const before = { configured: policy, options: policy };
        const changed = accepted(() => resolveUpdate(before, update as HeartbeatOptions));
        if (changed === undefined) return;
        expectSound(changed.configured);
        expect(changed.options).toEqual(changed.configured);
        sound++;
      }),
      { seed: SEED, numRuns: 8_000 / SHARE },
    );
    expect(sound).toBeGreaterThan(300 / SHARE);
  });

  test('keeps a client that answers, and evicts a client that stops answering within the bound', () => {
    let dead = 0;
    fc.assert(
      fc.property(
        options,
        fc.integer({ min: 40, max: 5_000 }),
        fc.integer({ min: 40, max: 5_000 }),
        fc.integer({ min: 1, max: 12 }),
        (others, interval, margin, phase) => {
          const timeout = Math.max(200, interval + margin);
          const base = modulePolicy(resolveModuleOptions({}, 'HeartbeatModule'));
          const detectorPolicy = new DetectorPolicy({
            ...resolvePolicy(base, { ...others, interval, timeout }, 'ChatGateway'),
            // These options have tests of their own and end connections for other causes.
            idleTimeout: false,
            maxLifetime: false,
            admissionTimeout: false,
          });
          const simulation = new Simulation(detectorPolicy);
          const peer = simulation.connectLast(phase);
          if (detectorPolicy.application) peer.enableMessagePings();
          simulation.answerAfter = simulation.replyAfter = margin / 2;
          const until = simulation.now + 8 * interval;
          simulation.runUntil(until);
          expect(simulation.times(peer, ...EVICTIONS)).toEqual([]);

          simulation.answerAfter = simulation.replyAfter = Infinity;
          // Answers in flight still arrive, and the silence begins after them.
          simulation.runUntil(simulation.now + margin);
          const lastReceived = simulation.now - simulation.detector.describe(peer).silence;
          simulation.runUntil(lastReceived + 2 * timeout + 10 * detectorPolicy.tick);
          const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
          const lastActivity = peer.lastLife;
          expect(evictedAt).toBeLessThan(Infinity);
          const silence =
            simulation.detector.clock.now - lastActivity - (simulation.now - evictedAt);
          expect(silence).toBeGreaterThanOrEqual(timeout);
          expect(silence).toBeLessThanOrEqual(timeout * 1.1 + 2 * detectorPolicy.tick);
          dead++;
        },
      ),
      { seed: SEED, numRuns: Math.ceil(150 / SHARE) },
    );
    expect(dead).toBe(Math.ceil(150 / SHARE));
  });

  test('works in an application: clients that answer stay connected, and clients that do not are evicted', async () => {
    const samples = fc.sample(
      fc.record({
        liveness: fc.constantFrom('transport' as const, 'application' as const),
        idleTimeout: fc.constantFrom(false as const, 60_000),
        maxLifetime: fc.constantFrom(false as const, 60_000),
        admissionTimeout: fc.constantFrom(false as const, 60_000),
        event: fc.constantFrom('heartbeat', 'beat', 'a"é'),
        clientHeartbeats: fc.constantFrom({}, { ping: 'pong' }),
        limits: fc.constantFrom(false as const, {}, { pings: { rate: 1, burst: 5 } }),
        interval: fc.integer({ min: 100, max: 300 }),
        margin: fc.integer({ min: 200, max: 500 }),
      }),
      { seed: SEED, numRuns: 16 },
    );
    const gateways = samples.map(({ margin, ...own }, index) => {
      @Heartbeat({ ...own, timeout: own.interval + margin })
      @WebSocketGateway({ path: `/${index}` })
      class SampleGateway {}
      return SampleGateway;
    });
    const { connect, events, liveness } = await startMonitored(gateways);
    const living = [];
    const closings = [];
    for (const [index, { event, liveness: demand }] of samples.entries()) {
      const one = await connect(`/${index}`);
      living.push(one);
      if (demand === 'application') {
        one.socket.on('message', (bytes: Buffer) => {
          const { data } = JSON.parse(bytes.toString()) as { data: { op: string; id: string } };
          if (data.op === 'ping') one.send(event, { op: 'pong', id: data.id });
        });
        one.send(event, { op: 'hello', v: 1 });
      }
      closings.push((await connect(`/${index}`, { autoPong: false })).closed);
    }
    await Promise.all(closings);
    const evictions = events.of('evicted');
    expect(evictions.map(({ eviction }) => eviction.cause)).toEqual(
      samples.map(() => 'unresponsive'),
    );
    expect(living.every(({ peer }) => liveness.isAlive(peer))).toBe(true);
    expect(living.every(({ socket }) => socket.readyState === socket.OPEN)).toBe(true);
  });
});

describe('what validation refuses', () => {
  test('any invalid value gets an error that names the place, the option, the value and the fix', () => {
    let refused = 0;
    const keys = fc.constantFrom(...KEYS);
    const junk = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withTypedArray: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(keys, junk, (key, value) => {
        const refusal = refusalOf(() => {
          expectSound(modulePolicy(resolveModuleOptions({ [key]: value }, 'HeartbeatModule')));
        });
        if (refusal === undefined) return;
        refused++;
        const { message } = refusal;
        const parts = ['HeartbeatModule', `\`${key}\``].filter((part) => !message.includes(part));
        expect(parts).toEqual([]);
        expect(message).toMatch(/Set |Lower |There is no |Known options: |known are /);
        expect(message.length).toBeLessThan(1_000);
      }),
      { seed: SEED, numRuns: 5_000 / SHARE },
    );
    expect(refused).toBeGreaterThan(3_000 / SHARE);
  });

  test.each([
    ['null', null],
    ['an array', []],
    ['a string', 'on'],
    ['a function', () => ({})],
  ])('%s in place of options', (_, value) => {
    expect(() => resolveModuleOptions(value as object, 'HeartbeatModule')).toThrow(
      HeartbeatOptionsError,
    );
  });
});
