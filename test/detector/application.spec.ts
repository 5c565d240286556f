import { describe, expect, test } from '@jest/globals';
import { policy, Simulation, type SimulatedPeer } from '../support/simulation.js';
import { EVICTIONS, isEviction, type Decision } from '../support/decisions.js';
import { FULL } from '../support/full.js';

const TIMES = [
  { interval: 25_000, timeout: 45_000 },
  { interval: 5_000, timeout: 10_000 },
  { interval: 400, timeout: 1_000 },
];
const PHASES = FULL ? 20 : 4;
const EVERY_ASPECT = ['suspect', 'recovered', ...EVICTIONS] as const;

/** The gaps between points in time that follow each other. */
function gaps(times: number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe.each(TIMES)('application mode, interval $interval, timeout $timeout', (times) => {
  const own = policy({ ...times, liveness: 'application' });
  const bound = own.timeout * 1.1 + own.tick;
  const pongTimeout = own.timeout - own.interval;
  const followUp = (own.timeout - own.interval) / 4;

  /** A process with one peer, in one of 20 phases, whose stack answers ping frames in the next turn. */
  function start(phase: number, sentHello: boolean): [Simulation, SimulatedPeer] {
    const simulation = new Simulation(own);
    simulation.answerAfter = 1;
    const peer = simulation.connectLast(phase + 1);
    if (sentHello) peer.enableMessagePings();
    return [simulation, peer];
  }

  test('a client without hello that sends a message every half timeout stays alive and gets no message ping', () => {
    for (let phase = 0; phase < PHASES; phase++) {
      const [simulation, peer] = start(phase, false);
      let next = simulation.now + own.timeout / 2;
      simulation.poll = (now) => {
        if (now < next) return;
        simulation.beat(peer);
        next += own.timeout / 2;
      };
      simulation.runUntil(simulation.now + 20 * own.timeout);
      expect(simulation.times(peer, ...EVICTIONS, 'message-ping')).toEqual([]);
    }
  });

  test.each([
    ['a heartbeat', false],
    ['an application message', true],
  ])(
    'without hello, after %s: application-unresponsive within the bound, although pongs go on',
    (_, sendsMessage: boolean) => {
      for (let phase = 0; phase < PHASES; phase++) {
        const [simulation, peer] = start(phase, false);
        const last = simulation.now + Math.floor((own.interval * phase) / 7) + own.tick;
        let lastMessage = 0;
        simulation.poll = (now) => {
          simulation.pong(peer);
          if (now > last) return;
          if (sendsMessage) simulation.message(peer);
          else simulation.beat(peer);
          lastMessage = now;
        };
        simulation.runUntil(last + 3 * bound);
        const evictions = simulation.recordedChecks.filter(
          (check) => check.peer === peer && isEviction(check.decisions),
        );
        expect(evictions).toHaveLength(1);
        const [{ at, decisions } = { at: 0, decisions: [] as readonly Decision[] }] = evictions;
        expect(decisions.filter((decision) => isEviction([decision]))).toEqual(['unresponsive']);
        expect(decisions).toContain('application-unresponsive');
        expect(at - lastMessage).toBeGreaterThanOrEqual(own.timeout);
        expect(at - lastMessage).toBeLessThanOrEqual(bound);
      }
    },
  );

  test('with hello: one message ping an interval, and no ping frame while it answers', () => {
    for (let phase = 0; phase < PHASES; phase++) {
      const [simulation, peer] = start(phase, true);
      simulation.replyAfter = 1;
      simulation.runUntil(simulation.now + 20 * own.interval);
      const pinged = simulation.times(peer, 'message-ping');
      expect(pinged.length).toBeGreaterThanOrEqual(19);
      expect(pinged.length).toBeLessThanOrEqual(21);
      for (const gap of gaps(pinged.slice(1))) {
        expect(Math.abs(gap - own.interval)).toBeLessThanOrEqual(2 * own.tick);
      }
      expect(simulation.times(peer, 'ping', ...EVERY_ASPECT)).toEqual([]);
    }
  });

  test('with hello: lives as long as it answers within timeout − interval − 2 ticks', () => {
    for (let phase = 0; phase < PHASES; phase++) {
      const [simulation, peer] = start(phase, true);
      simulation.replyAfter = own.timeout - own.interval - 2 * own.tick;
      simulation.runUntil(simulation.now + 20 * own.interval);
      expect(simulation.times(peer, ...EVICTIONS)).toEqual([]);
    }
  });

  test('with hello, hanging: a ping frame follows the message ping before it is application-unresponsive', () => {
    for (let phase = 0; phase < PHASES; phase++) {
      const [simulation, peer] = start(phase, true);
      const last = simulation.now + Math.floor((own.interval * phase) / 7) + own.tick;
      let lastMessage = 0;
      simulation.poll = (now) => {
        if (now > last) return;
        simulation.message(peer);
        lastMessage = now;
      };
      simulation.runUntil(last + 3 * bound);
      const pinged =
        simulation.times(peer, 'message-ping').find((at) => at >= lastMessage) ?? Infinity;
      const followed = simulation.times(peer, 'ping').find((at) => at >= lastMessage) ?? Infinity;
      expect(followed - pinged).toBeGreaterThanOrEqual(followUp);
      expect(followed - pinged).toBeLessThanOrEqual(followUp + 2 * own.tick);
      const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
      expect(evictedAt - pinged).toBeGreaterThanOrEqual(pongTimeout);
      expect(evictedAt - lastMessage).toBeGreaterThanOrEqual(own.timeout);
      expect(evictedAt - lastMessage).toBeLessThanOrEqual(bound);
      expect(simulation.times(peer, 'application-unresponsive')).toEqual([evictedAt]);
    }
  });

  test('with hello, path dead: evicted within the bound, and not as application-unresponsive', () => {
    for (let phase = 0; phase < PHASES; phase++) {
      const [simulation, peer] = start(phase, true);
      simulation.answerAfter = Infinity;
      const last = simulation.now + Math.floor((own.interval * phase) / 7) + own.tick;
      let lastMessage = 0;
      simulation.poll = (now) => {
        if (now > last) return;
        simulation.message(peer);
        lastMessage = now;
      };
      simulation.runUntil(last + 3 * bound);
      const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
      expect(evictedAt - lastMessage).toBeGreaterThanOrEqual(own.timeout);
      expect(evictedAt - lastMessage).toBeLessThanOrEqual(bound);
      expect(simulation.times(peer, 'application-unresponsive')).toEqual([]);
    }
  });

  test('a suspect is recovered by a message, not by a pong', () => {
    for (const sentHello of [false, true]) {
      const [simulation, peer] = start(3, sentHello);
      while (peer.state !== 'suspect') simulation.tick(own.tick);
      for (let count = 0; count < 3; count++) {
        simulation.pong(peer);
        simulation.tick(own.tick);
        expect(peer.state).toBe('suspect');
      }
      simulation.beat(peer);
      simulation.tick(own.tick);
      simulation.tick(own.tick);
      expect(peer.state).toBe('alive');
      expect(simulation.times(peer, 'recovered')).toHaveLength(1);
    }
  });

  test('dry run: one report for each application silence, and the pings go on', () => {
    const dryRun = policy({ ...times, liveness: 'application', dryRun: true });
    for (const sentHello of [false, true]) {
      const simulation = new Simulation(dryRun);
      simulation.answerAfter = 1;
      const peer = simulation.connect();
      if (sentHello) peer.enableMessagePings();
      simulation.runUntil(simulation.now + 10 * own.timeout);
      expect(simulation.times(peer, 'application-unresponsive')).toHaveLength(1);
      expect(simulation.times(peer, 'ping').length).toBeGreaterThan(10);
      expect(simulation.detector.describe(peer).silence).toBeLessThan(own.timeout);
      simulation.beat(peer);
      simulation.runUntil(simulation.now + 10 * own.timeout);
      expect(simulation.times(peer, 'application-unresponsive')).toHaveLength(2);
    }
  });
});

test('transport mode: a client with hello that hangs stays alive by the pongs of the ping frames that follow', () => {
  const own = policy({ interval: 5_000, timeout: 10_000 });
  for (let phase = 0; phase < PHASES; phase++) {
    const simulation = new Simulation(own);
    simulation.answerAfter = 1;
    const peer = simulation.connectLast(phase + 1);
    peer.enableMessagePings();
    simulation.runUntil(simulation.now + 20 * own.timeout);
    expect(simulation.times(peer, ...EVERY_ASPECT)).toEqual([]);
    expect(simulation.times(peer, 'message-ping').length).toBeGreaterThan(20);
  }
});

test.each([false, true])(
  'earlier application silence does not count when messages become required, hello %s',
  (sentHello) => {
    const times = { interval: 5_000, timeout: 10_000 };
    for (let phase = 0; phase < PHASES; phase++) {
      const simulation = new Simulation(policy(times));
      simulation.answerAfter = 1;
      const peer = simulation.connectLast(phase + 1);
      simulation.runUntil(simulation.now + 60_000);
      if (sentHello) peer.enableMessagePings();
      const own = policy({ ...times, liveness: 'application' });
      simulation.detector.update(peer, own);
      const updated = simulation.now;
      expect(simulation.detector.describe(peer).applicationSilence).toBeGreaterThan(50_000);
      simulation.runUntil(updated + 2 * own.timeout);
      const [evictedAt = Infinity] = simulation.times(peer, ...EVICTIONS);
      expect(evictedAt - updated).toBeGreaterThanOrEqual(own.timeout);
      expect(evictedAt - updated).toBeLessThanOrEqual(own.timeout * 1.1 + own.tick);
    }
  },
);

test('an unanswered message ping does not count while reading is paused', () => {
  const own = policy({ interval: 5_000, timeout: 10_000, liveness: 'application' });
  const simulation = new Simulation(own);
  const peer = simulation.connect();
  peer.enableMessagePings();
  while (simulation.count('message-ping') === 0) simulation.tick(own.tick);
  peer.isReadingPaused = true;
  simulation.runUntil(simulation.now + 60_000);
  expect(simulation.times(peer, ...EVERY_ASPECT)).toEqual([]);
});
