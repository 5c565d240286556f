import { describe, expect, test } from '@jest/globals';
import { countChecks } from './checks.js';
import { policy, Simulation, type SimulatedPeer } from '../support/simulation.js';
import { EVICTIONS } from '../support/decisions.js';

const STALLED = 1_000;
const MAX = 10_000;
const times = { interval: 8_000, timeout: 16_000 };
const limits = { backlog: { stalled: STALLED, max: MAX } };
const own = policy({ ...times, limits });
/** A check finds what happened since the previous one: at most an interval, or a second while bytes wait. */
const FOUND = own.interval + own.tick;
const CHECK = 1_000 + own.tick;

/** A live peer that sends messages, and for which bytes wait from some point on. */
function start(waiting: number, by = own): [Simulation, SimulatedPeer, number] {
  const simulation = new Simulation(by);
  const peer = simulation.connect();
  simulation.poll = () => simulation.message(peer);
  simulation.runUntil(simulation.now + 9_000);
  queue(peer, waiting);
  return [simulation, peer, simulation.now];
}

/** We send something that the kernel does not take. */
function queue(peer: SimulatedPeer, bytes: number): void {
  peer.bytesWritten += bytes;
  peer.bufferedBytes += bytes;
}

describe('a peer that sends but takes nothing', () => {
  test('is a slow consumer when more than `stalled` bytes waited for a timeout', () => {
    const [simulation, peer, from] = start(STALLED + 1);
    simulation.runUntil(from + 40_000);
    const [evictedAt = Infinity] = simulation.times(peer, ...EVICTIONS);
    expect(simulation.times(peer, 'slow-consumer')).toEqual([evictedAt]);
    expect(evictedAt - from).toBeGreaterThanOrEqual(own.timeout);
    expect(evictedAt - from).toBeLessThanOrEqual(own.timeout + FOUND + CHECK);
  });

  test('may leave `stalled` bytes waiting for ever', () => {
    // Our pings wait, too.
    const [simulation, peer, from] = start(STALLED - 500);
    simulation.runUntil(from + 100_000);
    expect(simulation.times(peer, ...EVICTIONS)).toEqual([]);
  });

  test('is no slow consumer without limits, whatever waits', () => {
    for (const none of [policy(times), policy({ ...times, limits: { backlog: false } })]) {
      const [simulation, peer, from] = start(10 * MAX, none);
      simulation.runUntil(from + 100_000);
      expect(simulation.times(peer, ...EVICTIONS)).toEqual([]);
    }
  });

  test('gets a new timeout with each byte taken', () => {
    const [simulation, peer, from] = start(STALLED + 100);
    let next = from;
    simulation.poll = (now) => {
      simulation.message(peer);
      if (now < next || now > from + 60_000) return;
      peer.bufferedBytes -= 1;
      next += own.timeout - 2_000;
    };
    simulation.runUntil(from + 120_000);
    const [evictedAt = Infinity] = simulation.times(peer, 'slow-consumer');
    expect(evictedAt - next).toBeGreaterThanOrEqual(2_000);
    expect(evictedAt - next).toBeLessThanOrEqual(2_000 + 2 * CHECK);
  });

  test('makes progress even if as many bytes are sent as are taken', () => {
    const [simulation, peer, from] = start(STALLED + 100);
    simulation.poll = () => {
      simulation.message(peer);
      queue(peer, 12);
      peer.bufferedBytes -= 12;
    };
    simulation.runUntil(from + 60_000);
    expect(simulation.times(peer, ...EVICTIONS)).toEqual([]);
  });
});

test.each([
  ['an interval', 'sends nothing', false, own.interval],
  ['half an interval', 'sends to it', true, own.interval / 2],
])(
  'waiting bytes are found %s later at most where the application %s before',
  (_, __, sends, found) => {
    for (let phase = 1; phase < 16; phase++) {
      const simulation = new Simulation(own);
      simulation.answerAfter = 1;
      const peer = simulation.connectLast(phase);
      simulation.poll = () => {
        if (sends) peer.bytesWritten += 5;
      };
      simulation.runUntil(simulation.now + 20_000 + phase * 500);
      const from = simulation.now;
      simulation.answerAfter = Infinity;
      simulation.poll = () => {};
      queue(peer, 10);
      simulation.runUntil(from + 60_000);
      const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
      expect(evictedAt - from).toBeLessThanOrEqual(own.timeout + found + own.tick + CHECK);
    }
  },
);

describe('a peer that takes less than it is sent', () => {
  test('is a slow consumer when as much as may wait was added to it, and costs about twice that', () => {
    const [simulation, peer, from] = start(0);
    // 1 000 bytes a second too many.
    simulation.poll = () => {
      simulation.message(peer);
      queue(peer, 101);
      peer.bufferedBytes -= 1;
    };
    simulation.runUntil(from + 60_000);
    const [evictedAt] = simulation.times(peer, 'slow-consumer');
    expect(evictedAt).toBeDefined();
    const waited = (((evictedAt ?? 0) - from) / own.tick) * 100;
    expect(waited).toBeGreaterThan(2 * MAX);
    expect(waited).toBeLessThanOrEqual(2 * MAX + (2 * CHECK * 100) / own.tick);
  });

  test('may be sent the next message when less than `max` of the last one waits', () => {
    const [simulation, peer, from] = start(1.1 * MAX);
    let next = from;
    simulation.poll = (now) => {
      simulation.message(peer);
      // More than 1 000 bytes a second: the backlog is above the limit at one check, and was below it before the next.
      peer.bufferedBytes = Math.max(0, peer.bufferedBytes - 150);
      if (peer.bufferedBytes > MAX - 100 || now < next) return;
      queue(peer, 1.1 * MAX);
      next = now + 1;
    };
    simulation.runUntil(from + 120_000);
    expect(next).toBeGreaterThan(from + 10_000);
    expect(simulation.times(peer, ...EVICTIONS)).toEqual([]);
  });

  test('may be sent one message of any size', () => {
    const [simulation, peer, from] = start(50 * MAX);
    simulation.poll = () => {
      simulation.message(peer);
      peer.bufferedBytes = Math.max(0, peer.bufferedBytes - MAX / 20);
    };
    simulation.runUntil(from + 150_000);
    expect(peer.bufferedBytes).toBe(0);
    expect(simulation.times(peer, ...EVICTIONS)).toEqual([]);
  });
});

describe('a peer that sends nothing while it takes the backlog', () => {
  for (const liveness of ['transport', 'application'] as const) {
    for (const answersMessages of [false, true]) {
      const kind = `${liveness}, ${answersMessages ? 'with' : 'without'} hello`;

      test(`is alive until nothing was taken for a timeout: ${kind}`, () => {
        for (let every = 1_000; every < own.timeout - CHECK; every += 2_900) {
          const by = policy({ ...times, liveness, limits });
          const simulation = new Simulation(by);
          const peer = simulation.connect();
          if (answersMessages) peer.enableMessagePings();
          queue(peer, 100_000);
          let taken = simulation.now;
          let next = taken;
          simulation.poll = (now) => {
            if (now < next || now > 100_000) return;
            peer.bufferedBytes -= 1;
            taken = now;
            next += every;
          };
          simulation.runUntil(160_000);
          const [evictedAt = Infinity] = simulation.times(peer, ...EVICTIONS);
          expect(simulation.times(peer, 'unresponsive')).toEqual([evictedAt]);
          expect(evictedAt - taken).toBeGreaterThanOrEqual(by.timeout);
          expect(evictedAt - taken).toBeLessThanOrEqual(by.timeout * 1.1 + by.tick);
          // No second ping is sent while one waits.
          expect(simulation.count('ping', 'message-ping')).toBeLessThanOrEqual(1);
        }
      });

      test(`is dead when nothing of it was taken, however little waits: ${kind}`, () => {
        for (let phase = 1; phase < 10; phase++) {
          const simulation = new Simulation(policy({ ...times, liveness, limits }));
          const peer = simulation.connectLast(phase);
          if (answersMessages) peer.enableMessagePings();
          queue(peer, 1);
          const from = simulation.now;
          simulation.runUntil(from + 40_000);
          const [evictedAt = Infinity] = simulation.times(peer, ...EVICTIONS);
          expect(simulation.times(peer, 'unresponsive')).toEqual([evictedAt]);
          expect(evictedAt - from).toBeGreaterThanOrEqual(own.timeout);
          expect(evictedAt - from).toBeLessThanOrEqual(own.timeout + FOUND + CHECK);
        }
      });
    }
  }
});

test('a write that the kernel takes at once is no sign of life', () => {
  for (let phase = 1; phase < 10; phase++) {
    const simulation = new Simulation(own);
    const peer = simulation.connectLast(phase);
    const from = simulation.now;
    simulation.poll = () => (peer.bytesWritten += 200);
    simulation.runUntil(from + 40_000);
    const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
    expect(evictedAt - from).toBeGreaterThanOrEqual(own.timeout);
    expect(evictedAt - from).toBeLessThanOrEqual(own.timeout * 1.1 + own.tick);
  }
});

test('the pong timeout starts when the ping is flushed, not while it waits for compression', () => {
  const simulation = new Simulation(policy({ interval: 8_000, timeout: 16_000 }));
  const peer = simulation.connect();
  peer.uncompressedBytes = 1;
  const from = simulation.now;
  simulation.runUntil(from + 30_000);
  expect(simulation.times(peer, 'ping')).toHaveLength(1);
  expect(simulation.times(peer, ...EVICTIONS)).toEqual([]);
  peer.uncompressedBytes = 0;
  const left = simulation.now;
  simulation.runUntil(left + 20_000);
  const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
  expect(evictedAt - left).toBeGreaterThanOrEqual(own.timeout - own.interval);
  expect(evictedAt - left).toBeLessThanOrEqual(own.timeout - own.interval + CHECK + 2 * own.tick);
});

test.each([false, true])(
  'a peer that receives a stream is pinged once an interval, although bytes always wait; with hello: %s',
  (answersMessages) => {
    const simulation = new Simulation(own);
    simulation.answerAfter = simulation.replyAfter = 10;
    const peer = simulation.connect();
    if (answersMessages) peer.enableMessagePings();
    peer.bufferedBytes = 5;
    simulation.poll = () => {
      peer.bytesWritten += 100;
      peer.bufferedBytes = 5;
    };
    simulation.runUntil(simulation.now + 10 * own.interval);
    // A proxy on the way closes what is silent in one direction.
    const asked = simulation.count('ping', 'message-ping');
    expect(asked).toBeGreaterThanOrEqual(9);
    expect(asked).toBeLessThanOrEqual(11);
    expect(simulation.count(...EVICTIONS)).toBe(0);
  },
);

test('a queue is known to be blocked from the ping on that it takes no more', () => {
  for (let phase = 1; phase < 10; phase++) {
    const simulation = new Simulation(own);
    const peer = simulation.connectLast(phase);
    const from = simulation.now;
    while (simulation.times(peer, 'ping').length === 0) {
      // The kernel is full, and nothing waits: the ping is the first that it does not take.
      peer.onPing = () => (peer.bufferedBytes = 10);
      simulation.tick(own.tick);
    }
    const pinged = simulation.now;
    simulation.runUntil(from + 40_000);
    const [evictedAt = Infinity] = simulation.times(peer, 'unresponsive');
    expect(evictedAt - pinged).toBeGreaterThanOrEqual(own.timeout);
    expect(evictedAt - pinged).toBeLessThanOrEqual(own.timeout + CHECK);
  }
});

test('a connection is checked every second while bytes wait', () => {
  const [simulation, peer, from] = start(10);
  simulation.runUntil(from + FOUND);
  const checks = countChecks(peer);
  simulation.runUntil(simulation.now + 20_000);
  expect(checks.count).toBeGreaterThanOrEqual(19);
  expect(checks.count).toBeLessThanOrEqual(26);
});

test('a stall of ours does not count', () => {
  const [simulation, peer, from] = start(STALLED + 1);
  simulation.runUntil(from + own.timeout - 1_000);
  for (let stalls = 0; stalls < 5; stalls++) simulation.tick(60_000);
  expect(simulation.times(peer, ...EVICTIONS)).toEqual([]);
});

test('resuming starts these clocks from zero, too', () => {
  const [simulation, peer, from] = start(STALLED + 1);
  simulation.runUntil(from + 6_000);
  simulation.detector.pause(peer);
  simulation.runUntil(simulation.now + 60_000);
  simulation.detector.resume(peer);
  const resumed = simulation.now;
  simulation.runUntil(resumed + 40_000);
  const [evictedAt = Infinity] = simulation.times(peer, 'slow-consumer');
  expect(evictedAt - resumed).toBeGreaterThanOrEqual(own.timeout);
});

test('a peer that we do not read from is a slow consumer all the same, and nothing else', () => {
  const [simulation, peer, from] = start(STALLED + 1);
  simulation.poll = () => {};
  peer.isReadingPaused = true;
  simulation.runUntil(from + 60_000);
  const [evictedAt = Infinity] = simulation.times(peer, ...EVICTIONS);
  expect(simulation.times(peer, 'slow-consumer')).toEqual([evictedAt]);
  expect(evictedAt - from).toBeGreaterThanOrEqual(own.timeout);
});

test('dry run: reported once, and again after all or some of the bytes were taken', () => {
  const dryRun = policy({
    ...times,
    dryRun: true,
    limits: { backlog: { stalled: 1, max: 2_000 } },
  });
  const [simulation, peer, from] = start(1_000, dryRun);
  simulation.runUntil(from + 60_000);
  expect(simulation.times(peer, 'slow-consumer')).toHaveLength(1);
  peer.bufferedBytes = 0;
  simulation.runUntil(simulation.now + 2_000);
  queue(peer, 1_000);
  simulation.runUntil(simulation.now + 60_000);
  expect(simulation.times(peer, 'slow-consumer')).toHaveLength(2);
  peer.bufferedBytes -= 10;
  simulation.runUntil(simulation.now + 60_000);
  expect(simulation.times(peer, 'slow-consumer')).toHaveLength(3);
});
