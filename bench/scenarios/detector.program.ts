// The judge with simulated connections, in simulated and in real time. Settings: see `JudgeSettings`.
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHistogram } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { ConnectionChecker } from '../../src/lifecycle/connection.checker.js';
import { FailureDetector } from '../../src/detector/failure-detector.js';
import { DetectorPolicy } from '../../src/detector/detector.policy.js';
import { PingSchedule } from '../../src/detector/ping.schedule.js';
import { answer, settings } from '../support/program.js';
import { SimulatedConnection } from '../support/simulated.connection.js';

export interface JudgeSettings {
  readonly connections: number;
  readonly interval: number;
  readonly timeout: number;
  /** Ms for which the process has been up already. */
  readonly uptime: number;
  /** Whether those who are looked at one after the other are neighbours in memory, too. */
  readonly inOrder: boolean;
}

/** Each with the mean of many. */
export interface Looks {
  readonly nsPerLook: number;
  readonly nsPerPing: number;
  readonly nsPerPong: number;
  readonly bytesPerLook: number;
}

/** How long the loop was held, in ms. */
export interface Turns {
  readonly longest: number;
  readonly p999: number;
  readonly afterStall: number;
  readonly looksPerSecond: number;
}

/** Bytes of a frame with eight bytes of payload, from the server and from a client. */
const [PING_BYTES, PONG_BYTES] = [10, 14];

/** Steps that a turn of the loop takes where nothing is to be done: a fraction of a millisecond. */
const PAUSE = 200_000;

const { connections, interval, timeout, uptime, inOrder } = settings() as JudgeSettings;
const policy = new DetectorPolicy({
  interval,
  timeout,
  idleTimeout: 3_600_000,
  maxLifetime: 24 * 3_600_000,
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

/** The numbers of the connections, in the order in which they come and lie in memory. */
function sequences(): number[] {
  const all = Array.from({ length: connections }, (_, index) => index + 1);
  if (!inOrder) return all;
  // Two looks an interval.
  const phases = all.map((sequence) => (2 * new PingSchedule(sequence).phase) % 1);
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

/** Who is to be pinged. Never made anew: what is allocated is not to be its memory. */
const pinged = Array.from<SimulatedConnection | undefined>({ length: connections });
let pings = 0;

/** Looks at everybody who is due, and notes who is to be pinged. Returns at how many. */
function look(): number {
  let looks = 0;
  for (let connection = detector.nextDue(); connection; connection = detector.nextDue()) {
    looks++;
    const result = detector.check(connection);
    if (result === undefined) continue;
    if (result.eviction !== undefined) throw new Error('A client that answers was evicted');
    if (result.ping) pinged[pings++] = connection;
  }
  return looks;
}

function usedHeap(): number {
  return getHeapStatistics().used_heap_size;
}

/** What a tick does, in simulated time. Everybody answers by the next one. */
const steps = {
  real: uptime,
  pong() {
    for (let at = 0; at < pings; at++) pong(pinged[at] as SimulatedConnection);
    pings = 0;
  },
  advance: () => detector.advance((steps.real += policy.tick)),
  look,
  ping() {
    for (let at = 0; at < pings; at++) ping(pinged[at] as SimulatedConnection);
  },
};

function looks({ count }: { count: number }): Looks {
  // Until the compiler has seen enough and every connection has been pinged.
  timed(Math.max(3 * 2 * connections, 400_000));
  return { ...timed(count), bytesPerLook: allocated(count / 4) };
}

/** How long each step takes, over so many looks. */
function timed(count: number): Omit<Looks, 'bytesPerLook'> {
  const ns = { look: 0, ping: 0, pong: 0 };
  const done = { look: 0, ping: 0 };
  while (done.look < count) {
    const began = performance.now();
    steps.pong();
    const ponged = performance.now();
    steps.advance();
    const looking = performance.now();
    done.look += steps.look();
    const looked = performance.now();
    steps.ping();
    const end = performance.now();
    done.ping += pings;
    ns.pong += (ponged - began) * 1e6;
    ns.look += (looked - looking) * 1e6;
    ns.ping += (end - looked) * 1e6;
  }
  return {
    nsPerLook: ns.look / done.look,
    nsPerPing: ns.ping / done.ping,
    nsPerPong: ns.pong / done.ping,
  };
}

/** What is allocated, over so many looks: nothing is measured meanwhile, which would take memory as well. */
function allocated(count: number): number {
  globalThis.gc?.();
  const before = usedHeap();
  let done = 0;
  while (done < count) {
    steps.pong();
    steps.advance();
    done += steps.look();
    steps.ping();
  }
  return (usedHeap() - before) / done;
}

/** Pings that are to be answered, in the order in which they are. In a ring that is made once. */
class Unanswered {
  private readonly connections = Array.from<SimulatedConnection | undefined>({
    length: connections,
  });
  private readonly due = new Float64Array(connections);
  private first = 0;
  private end = 0;

  /** As nobody is pinged again before the answer, there is always room. */
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

/** Real ticks, which the module's own runner slices. Everybody answers 100 ms after a ping. */
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
    registry: {
      releaseClosed: () => {
        throw new Error('A client that is open was released');
      },
    },
    events: { emit: () => undefined, call: () => undefined },
  };
  let looked = 0;
  const due = detector.nextDue.bind(detector);
  detector.nextDue = () => {
    looked++;
    return due();
  };
  const runner = new ConnectionChecker(
    detector as never,
    parts.roundTrips as never,
    parts.evictor as never,
    parts.registry as never,
    parts.events as never,
  );
  detector.skip(performance.now() + uptime);
  setInterval(() => {
    detector.advance(performance.now() + uptime);
    runner.schedule();
  }, policy.tick);

  // All that a turn leaves behind here: what is measured must not be the memory of the measurement.
  const held = createHistogram();
  let last = performance.now();
  const turn = () => {
    const now = performance.now();
    held.record(Math.max(1, Math.round((now - last) * 1e6)));
    last = now;
    // A turn of the loop reads what has come, which is never much in a loop that is not held.
    for (let read = 0; read < 64; read++) {
      const connection = unanswered.takeDue(now);
      if (connection === undefined) break;
      pong(connection);
    }
    // The loop is not to sleep: when it wakes up is the machine's. Nor to turn as often as it can, which leaves 100 MB a second.
    for (let step = 0; step < PAUSE; step++);
    setImmediate(turn);
  };
  setImmediate(turn);
  await sleep(Math.min(seconds * 1_000, 2_000));
  // What it took to make the connections is not to be collected later.
  globalThis.gc?.();
  await sleep(100);
  held.reset();
  looked = 0;
  await sleep(seconds * 1_000);
  const longest = held.max / 1e6;
  const p999 = held.percentile(99.9) / 1e6;
  const looksPerSecond = looked / seconds;

  const end = performance.now() + 500;
  while (performance.now() < end);
  await new Promise((resolve) => setImmediate(resolve));
  last = performance.now();
  held.reset();
  await sleep(500);
  return { longest, p999, afterStall: held.max / 1e6, looksPerSecond };
}

answer({ looks, turns });
