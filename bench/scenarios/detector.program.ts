// The failure detector with simulated connections, in simulated and in real time. Settings: see `DetectorSettings`.
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHistogram } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { ConnectionChecker } from '../../src/lifecycle/connection.checker.js';
import { systemClock } from '../../src/heartbeat.clock.js';
import { FailureDetector } from '../../src/detector/failure-detector.js';
import { DetectorPolicy } from '../../src/detector/detector.policy.js';
import { handleCalls, settings } from '../support/program.js';
import { SimulatedConnection } from '../support/simulated.connection.js';

export interface DetectorSettings {
  readonly connections: number;
  readonly interval: number;
  readonly timeout: number;
  /** Uptime of the process at the start, in ms. */
  readonly uptime: number;
  /** Whether connections that are checked one after the other are also neighbours in memory. */
  readonly inOrder: boolean;
}

/** Means over many checks. */
export interface Checks {
  readonly nsPerCheck: number;
  readonly nsPerPing: number;
  readonly nsPerPong: number;
  readonly bytesPerCheck: number;
  readonly checksPerInterval: number;
}

/** How long turns of the event loop took, in ms. */
export interface Turns {
  readonly longest: number;
  readonly p999: number;
  readonly afterStall: number;
  readonly checksPerSecond: number;
}

/** Bytes of a frame with eight bytes of payload, from the server and from a client. */
const [PING_BYTES, PONG_BYTES] = [10, 14];

/** Busy-wait steps of an idle turn of the loop: a fraction of a millisecond. */
const PAUSE = 200_000;

const { connections, interval, timeout, uptime, inOrder } = settings() as DetectorSettings;
const policy = new DetectorPolicy({
  interval,
  timeout,
  // Longer than the simulated time, which is hours.
  idleTimeout: 20 * 24 * 3_600_000,
  maxLifetime: 20 * 24 * 3_600_000,
  admissionTimeout: false,
  closeTimeout: 5_000,
  dryRun: false,
  liveness: 'transport',
  limits: { backlog: { stalled: 1_048_576, max: 16_777_216 } },
});
const detector = new FailureDetector<SimulatedConnection>(uptime, policy.tick);
detector.advance(uptime);
for (const sequence of sequences()) {
  detector.add(new SimulatedConnection(policy, sequence), uptime);
}

/** Sequence numbers of the connections, in the order in which they are created and lie in memory. */
function sequences(): number[] {
  const all = Array.from({ length: connections }, (_, index) => index + 1);
  if (!inOrder) return all;
  const phases = all.map((sequence) => new SimulatedConnection(policy, sequence).phase);
  return all.toSorted((one, other) => (phases[one - 1] ?? 0) - (phases[other - 1] ?? 0));
}

function ping(connection: SimulatedConnection): void {
  connection.bytesWritten += PING_BYTES;
  detector.onPingSent(connection);
}

function pong(connection: SimulatedConnection): void {
  connection.bytesRead += PONG_BYTES;
  detector.onPong(connection);
}

/** Connections to ping. Allocated once, so that it does not count as memory of the checks. */
const pinged = Array.from<SimulatedConnection | undefined>({ length: connections });
let pings = 0;

/** Checks all due connections and collects those to ping. Returns the number of checks. */
function checkDue(): number {
  let checked = 0;
  for (let connection = detector.nextDue(); connection; connection = detector.nextDue()) {
    checked++;
    const result = detector.check(connection);
    if (result === undefined) continue;
    if (result.eviction !== undefined) throw new Error('A client that answers was evicted');
    if (result.ping) pinged[pings++] = connection;
  }
  return checked;
}

function usedHeap(): number {
  return getHeapStatistics().used_heap_size;
}

/** The steps of a tick, in simulated time. Every client answers before the next tick. */
const steps = {
  real: uptime,
  pong() {
    for (let at = 0; at < pings; at++) pong(pinged[at] as SimulatedConnection);
    pings = 0;
  },
  advance: () => detector.advance((steps.real += policy.tick)),
  check: checkDue,
  ping() {
    for (let at = 0; at < pings; at++) ping(pinged[at] as SimulatedConnection);
  },
};

function checks({ count }: { count: number }): Checks {
  // Warms up the compiler, and pings every connection at least once.
  timed(Math.max(3 * connections, 400_000));
  return { ...timed(count), bytesPerCheck: allocated(count / 4) };
}

/** The duration of each step, as a mean over `count` checks. */
function timed(count: number): Omit<Checks, 'bytesPerCheck'> {
  const ns = { check: 0, ping: 0, pong: 0 };
  const done = { check: 0, ping: 0 };
  const start = steps.real;
  while (done.check < count) {
    const began = performance.now();
    steps.pong();
    const ponged = performance.now();
    steps.advance();
    const advanced = performance.now();
    done.check += steps.check();
    const checked = performance.now();
    steps.ping();
    const end = performance.now();
    done.ping += pings;
    ns.pong += (ponged - began) * 1e6;
    ns.check += (checked - advanced) * 1e6;
    ns.ping += (end - checked) * 1e6;
  }
  return {
    nsPerCheck: ns.check / done.check,
    nsPerPing: ns.ping / done.ping,
    nsPerPong: ns.pong / done.ping,
    checksPerInterval: done.check / connections / ((steps.real - start) / interval),
  };
}

/** Bytes allocated per check, over `count` checks. No time is measured meanwhile, because that allocates too. */
function allocated(count: number): number {
  globalThis.gc?.();
  const before = usedHeap();
  let done = 0;
  while (done < count) {
    steps.pong();
    steps.advance();
    done += steps.check();
    steps.ping();
  }
  return (usedHeap() - before) / done;
}

/** Unanswered pings in the order of their answers, in a ring buffer that is allocated once. */
class Unanswered {
  private readonly connections = Array.from<SimulatedConnection | undefined>({
    length: connections,
  });
  private readonly due = new Float64Array(connections);
  private first = 0;
  private end = 0;

  /** There is always room, because a connection has at most one unanswered ping. */
  add(connection: SimulatedConnection, due: number): void {
    const at = this.end++ % connections;
    this.connections[at] = connection;
    this.due[at] = due;
  }

  takeDue(now: number): SimulatedConnection | undefined {
    const at = this.first % connections;
    if (this.first === this.end || (this.due[at] ?? NaN) > now) return undefined;
    this.first++;
    return this.connections[at];
  }
}

/** Real ticks, sliced by the `ConnectionChecker`. Every client answers 100 ms after a ping. */
async function turns({ seconds }: { seconds: number }): Promise<Turns> {
  const unanswered = new Unanswered();
  const parts = {
    roundTrips: {
      sendPing(connection: SimulatedConnection) {
        ping(connection);
        unanswered.add(connection, performance.now() + 100);
      },
    },
    evictor: {
      log: { flush: () => undefined },
      evictOrReport: () => {
        throw new Error('A client that answers was evicted');
      },
    },
    counters: { onState: () => undefined },
    registry: {
      releaseClosed: () => {
        throw new Error('A client that is open was released');
      },
    },
    events: { emit: () => undefined, call: () => undefined },
  };
  let checked = 0;
  const due = detector.nextDue.bind(detector);
  detector.nextDue = () => {
    checked++;
    return due();
  };
  const checker = new ConnectionChecker(
    detector as never,
    parts.roundTrips as never,
    parts.evictor as never,
    parts.registry as never,
    parts.counters as never,
    parts.events as never,
    systemClock,
  );
  detector.skip(performance.now() + uptime);
  setInterval(() => {
    detector.advance(performance.now() + uptime);
    checker.schedule();
  }, policy.tick);

  // A histogram allocates nothing per turn, so the measurement causes no garbage collection.
  const delays = createHistogram();
  let last = performance.now();
  const turn = () => {
    const now = performance.now();
    delays.record(Math.max(1, Math.round((now - last) * 1e6)));
    last = now;
    // A turn of the loop reads the received pongs. A loop without long turns receives few per turn.
    for (let read = 0; read < 64; read++) {
      const connection = unanswered.takeDue(now);
      if (connection === undefined) break;
      pong(connection);
    }
    // The loop does not sleep, because the time to wake up depends on the machine. Nor does it turn as
    // often as possible, which would allocate 100 MB per second.
    for (let step = 0; step < PAUSE; step++);
    setImmediate(turn);
  };
  setImmediate(turn);
  await sleep(Math.min(seconds * 1_000, 2_000));
  // Collects the garbage of the set-up before the measurement.
  globalThis.gc?.();
  await sleep(100);
  delays.reset();
  checked = 0;
  await sleep(seconds * 1_000);
  const longest = delays.max / 1e6;
  const p999 = delays.percentile(99.9) / 1e6;
  const checksPerSecond = checked / seconds;

  const end = performance.now() + 500;
  while (performance.now() < end);
  await new Promise((resolve) => setImmediate(resolve));
  last = performance.now();
  delays.reset();
  await sleep(500);
  return { longest, p999, afterStall: delays.max / 1e6, checksPerSecond };
}

handleCalls({ checks, turns });
