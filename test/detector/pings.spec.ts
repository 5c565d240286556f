import { describe, expect, test } from '@jest/globals';
import { policy, Simulation } from '../support/simulation.js';
import { FULL } from '../support/full.js';

const own = policy({ interval: 2_000, timeout: 4_000 });

function gaps(times: number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

/** A simulation in which every ping is answered in the next turn. */
function answering(): Simulation {
  const simulation = new Simulation(own);
  simulation.answerAfter = 1;
  return simulation;
}

describe.each([
  ['neither side sends', false, false],
  ['only the peer sends', true, false],
  ['only the server sends', false, true],
])('when %s', (_, peerSends, serverSends) => {
  test('a ping goes out every interval, at the same phase', () => {
    for (let phase = 1; phase <= 25; phase++) {
      const simulation = answering();
      const peer = simulation.connectLast(phase);
      const start = simulation.now;
      simulation.poll = () => {
        if (peerSends) simulation.message(peer);
        if (serverSends) peer.bytesWritten += 5;
      };
      simulation.runUntil(start + 60_000);
      const pings = simulation.times(peer, 'ping');
      expect((pings[0] ?? Infinity) - start).toBeLessThanOrEqual(own.interval + own.tick);
      expect(pings.length).toBeGreaterThanOrEqual(29);
      expect(pings.length).toBeLessThanOrEqual(31);
      expect(new Set(gaps(pings.slice(1)))).toEqual(new Set([own.interval]));
    }
  });
});

test('with lasting traffic in both directions no ping goes out, and the suppressed pings are counted', () => {
  for (let phase = 1; phase <= 25; phase++) {
    const simulation = answering();
    const peer = simulation.connectLast(phase);
    simulation.poll = () => {
      simulation.message(peer);
      peer.bytesWritten += 5;
    };
    simulation.runUntil(simulation.now + 60_000);
    expect(simulation.times(peer, 'ping')).toEqual([]);
    const suppressed = simulation.times(peer, 'suppressed').length;
    expect(suppressed).toBeGreaterThanOrEqual(29);
    expect(suppressed).toBeLessThanOrEqual(31);
  }
});

test('neither direction is ever silent for longer than an interval and a tick, whatever the traffic', () => {
  let seed = 42;
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  for (let run = 0; run < (FULL ? 200 : 40); run++) {
    const simulation = answering();
    const peer = simulation.connectLast(1 + (run % 40));
    const [peerRate, ourRate] = [random() ** 3, random() ** 3];
    let [sent, received] = [simulation.now, simulation.now];
    const worst = { sent: 0, received: 0 };
    let { bytesRead, bytesWritten } = peer;
    simulation.poll = (now) => {
      if (random() < peerRate) simulation.message(peer);
      if (random() < ourRate) peer.bytesWritten += 5;
      if (peer.bytesRead !== bytesRead) received = now;
      if (peer.bytesWritten !== bytesWritten) sent = now;
      ({ bytesRead, bytesWritten } = peer);
      worst.sent = Math.max(worst.sent, now - sent);
      worst.received = Math.max(worst.received, now - received);
    };
    simulation.runUntil(simulation.now + 40_000);
    // What is measured here lags a tick behind what was done.
    expect(worst.sent).toBeLessThanOrEqual(own.interval + 2 * own.tick);
    expect(worst.received).toBeLessThanOrEqual(own.interval + 3 * own.tick);
  }
});

test.each([
  ['on time', 0, 1.2],
  ['a little late, so that now and then one covers two slots', 1, 2.4],
])(
  'clients that connect together are pinged evenly with ticks %s, also after a broadcast',
  (_, late, most) => {
    const simulation = answering();
    simulation.late = late;
    const count = FULL ? 10_000 : 500;
    const peers = Array.from({ length: count }, () => simulation.connect());
    const start = simulation.now;
    const average = (count * own.tick) / own.interval;
    const perTick = () => {
      const counts = new Map<number, number>();
      for (const { at, decisions } of simulation.recordedChecks) {
        if (decisions.includes('ping')) counts.set(at, (counts.get(at) ?? 0) + 1);
      }
      return [...counts];
    };
    const mostIn = (from: number, to: number) =>
      Math.max(
        ...perTick()
          .filter(([at]) => at > from && at <= to)
          .map(([, pings]) => pings),
      );
    for (let round = 0; round < 10; round++) {
      simulation.runUntil(start + 3 * own.interval * (round + 1) + round * 370);
      for (const peer of peers) {
        peer.bytesWritten += 20;
        simulation.message(peer);
      }
    }
    simulation.runUntil(simulation.now + 5 * own.interval);
    expect(mostIn(start, start + own.interval)).toBeLessThanOrEqual(most * average);
    expect(mostIn(start, simulation.now)).toBeLessThanOrEqual(3 * average);
    expect(mostIn(simulation.now - own.interval, simulation.now)).toBeLessThanOrEqual(
      most * average,
    );
  },
);

test('messages that come 2.5 times an interval, and are answered at once, suppress all pings', () => {
  for (let phase = 1; phase <= 10; phase++) {
    const simulation = answering();
    const peer = simulation.connectLast(phase);
    const every = own.interval / 2.5;
    let next = simulation.now;
    simulation.poll = (now) => {
      for (; next <= now; next += every) {
        simulation.message(peer);
        peer.bytesWritten += 20;
      }
    };
    // Only lasting traffic suppresses pings.
    simulation.runUntil(simulation.now + 2 * own.interval);
    const from = simulation.now;
    simulation.runUntil(from + 20 * own.interval);
    expect(simulation.times(peer, 'ping').filter((at) => at > from)).toEqual([]);
    expect(
      simulation.times(peer, 'suppressed').filter((at) => at > from).length,
    ).toBeGreaterThanOrEqual(19);
  }
});

test("the peer's own pings are traffic, the answers to ours are not", () => {
  const simulation = answering();
  const peers = [simulation.connect(), simulation.connect()] as const;
  simulation.poll = () => {
    const [pinging] = peers;
    pinging.bytesRead += 6;
    simulation.detector.onFrame(pinging);
    for (const peer of peers) peer.bytesWritten += 5;
  };
  simulation.runUntil(simulation.now + 20_000);
  const [pinging, silent] = peers.map((peer) => simulation.times(peer, 'ping').length);
  expect(pinging).toBe(1);
  expect(silent).toBeGreaterThanOrEqual(9);
});

test('bytesWritten is read once an interval, and after each ping, of a peer that only answers pings', () => {
  const simulation = answering();
  const peer = simulation.connect();
  simulation.runUntil(simulation.now + 2 * own.interval);
  let reads = 0;
  let { bytesWritten } = peer;
  Object.defineProperty(peer, 'bytesWritten', {
    get: () => (reads++, bytesWritten),
    set: (bytes: number) => {
      bytesWritten = bytes;
    },
  });
  const pings = simulation.times(peer, 'ping').length;
  simulation.runUntil(simulation.now + 10 * own.interval);
  const written = simulation.times(peer, 'ping').length - pings;
  expect(written).toBe(10);
  // The third is that of the simulation, which adds to it.
  expect(reads).toBe(3 * written);
});

test('bytes of a frame that goes on are traffic, too', () => {
  const simulation = answering();
  const peer = simulation.connect();
  simulation.poll = () => {
    peer.bytesRead += 1;
    peer.bytesWritten += 5;
  };
  simulation.runUntil(simulation.now + 20_000);
  expect(simulation.times(peer, 'ping')).toHaveLength(1);
  expect(simulation.times(peer, 'suppressed').length).toBeGreaterThanOrEqual(8);
});

test.each([
  ['frozen', 'transport', false, false],
  ['frozen, with hello', 'transport', true, false],
  ['frozen, application mode', 'application', false, false],
  ['hanging, application mode, with hello', 'application', true, true],
] as const)('one unanswered ping an interval is enough: %s', (_, liveness, sentHello, pongs) => {
  for (let phase = 1; phase <= 10; phase++) {
    const simulation = new Simulation(
      policy({ interval: 2_000, timeout: 4_000, liveness, dryRun: true }),
    );
    if (pongs) simulation.answerAfter = 1;
    const peer = simulation.connectLast(phase);
    if (sentHello) peer.enableMessagePings();
    simulation.runUntil(simulation.now + 30_000);
    const pings = simulation.times(peer, sentHello ? 'message-ping' : 'ping');
    expect(pings.length).toBeGreaterThanOrEqual(14);
    for (const gap of gaps(pings.slice(1))) expect(gap).toBe(own.interval);
  }
});
