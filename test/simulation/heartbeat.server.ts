import { FailureDetector } from '../../src/detector/failure-detector.js';
import type { DetectorPolicy } from '../../src/detector/detector.policy.js';
import type { WheelEntry } from '../../src/detector/timing-wheel.js';
import { realDeadlineOf } from '../../src/detector/eviction-rules.js';
import type { ProcessModel, Server } from './process.model.js';
import { decisionsOf, isEviction, type Decision } from '../support/decisions.js';
import { Oracle } from './oracle.js';
import { KERNEL_BUFFERS, type ClientFault, type FaultPlan } from './schedule.js';
import type { InboundEvent, SimulatedClient } from './simulated.client.js';

/** Length of a slice in milliseconds, as in `ConnectionChecker`. */
const SLICE = 4;

/** Private fields of a detector that the audit reads. */
interface DetectorFields {
  readonly planner: { readonly wheel: Wheel; readonly realWheel: Wheel };
  readonly suspects: number;
}

interface Wheel {
  readonly slots: readonly WheelEntry[];
  readonly due: WheelEntry;
}

/** Runs the real detector as the scheduler, the connection checker, the registry and the evictor do. */
export class HeartbeatServer implements Server {
  wantsCheck = false;
  private readonly detector: FailureDetector<SimulatedClient>;
  private readonly oracle: Oracle;
  private readonly registry = new Set<SimulatedClient>();
  private hasTicked = false;

  constructor(private readonly process: ProcessModel) {
    const [policy] = process.policies as [DetectorPolicy];
    this.detector = new FailureDetector(process.now, policy.tick);
    this.oracle = new Oracle(process);
  }

  get period(): number {
    return this.detector.tick;
  }

  connected(client: SimulatedClient): void {
    this.registry.add(client);
    this.detector.add(client, this.process.now);
    this.oracle.connected(client);
  }

  received(client: SimulatedClient, event: InboundEvent): void {
    if (!this.registry.has(client)) return;
    if (event === 'close') return this.closed(client);
    this.oracle.received(client, event);
    this.process.count(event);
    if (event === 'pong') this.detector.onPong(client);
    if (event === 'reply' || event === 'heartbeat') this.detector.onHeartbeatMessage(client);
    if (event === 'message') this.detector.onApplicationMessage(client);
  }

  tick(): void {
    const { now } = this.process;
    this.oracle.tick(this.period);
    for (const client of this.registry) {
      if (client.isOpen && now < client.broadcast.until) this.send(client, client.broadcast.bytes);
    }
    this.detector.advance(now);
    this.wantsCheck = true;
    this.hasTicked = true;
  }

  check(): void {
    const { process, detector } = this;
    this.wantsCheck = false;
    const end = process.now + SLICE;
    let checks = 0;
    detector.continueTick(process.now);
    for (let client = detector.nextDue(); client; client = detector.nextDue()) {
      this.checkConnection(client);
      process.now += process.schedule.checkCost;
      if (++checks % process.schedule.batch !== 0) continue;
      if (process.now >= end) {
        process.count('slices');
        this.wantsCheck = true;
        return;
      }
      detector.continueTick(process.now);
    }
    this.audit();
  }

  fault({ kind, size, client: index }: FaultPlan<ClientFault>, client: SimulatedClient): void {
    const { detector, process, oracle } = this;
    switch (kind) {
      case 'options change': {
        const policy = process.policies.at((index + size) % process.policies.length);
        if (policy === undefined) return;
        if (policy.tick < detector.tick) this.retick(policy.tick);
        detector.update(client, policy);
        oracle.clocksReset(client);
        return;
      }
      case 'pause':
        detector.pause(client);
        process.later(size, () => {
          if (!this.registry.has(client) || !client.paused) return;
          detector.resume(client);
          oracle.resumed(client);
        });
        return;
      case 'reading pauses':
        client.isReadingPaused = true;
        process.later(size, () => (client.isReadingPaused = false));
        return;
      case 'slow upload':
        client.upload(process.now, (size / 25) * client.policy.timeout);
        return;
      case 'admission':
        client.admit();
        return;
      case 'a message is sent':
        if (client.isOpen) this.send(client, Math.ceil((size / 10) * KERNEL_BUFFERS));
        return;
      case 'a broadcast begins':
        client.broadcast = { until: process.now + client.policy.timeout * 4, bytes: 1 + size * 5 };
        return;
      case 'reading stops':
        client.stopReading(process.now);
        if (client.isOpen && size > 30) this.send(client, 2 * KERNEL_BUFFERS);
        return;
      case 'the application closes':
        if (!client.isOpen) return;
        oracle.closing(client);
        client.answerClose(process.now);
        return;
      case 'the client closes, but keeps the TCP connection':
        if (!client.isOpen) return;
        oracle.closing(client);
        client.closeHalf();
        return;
      case 'closed without an event':
        if (client.isOpen) oracle.closedSilently(client);
        client.end();
    }
  }

  end(): void {
    for (const client of this.registry) this.closed(client);
    this.oracle.end();
    this.audit();
    const {
      planner: { wheel, realWheel },
      suspects,
    } = this.fields;
    if (this.detector.size > 0 || suspects > 0) this.oracle.fail(undefined, 'keeps a connection');
    for (const { slots, due } of [wheel, realWheel]) {
      if ([due, ...slots].some((head) => head.isWaiting))
        this.oracle.fail(undefined, 'keeps a connection in a wheel');
    }
  }

  private get fields(): DetectorFields {
    return this.detector as unknown as DetectorFields;
  }

  private retick(tick: number): void {
    this.detector.changeTick(tick);
    this.detector.skip(this.process.now);
    this.oracle.skip();
    for (const client of this.registry) this.oracle.clocksReset(client);
    this.process.restartTimer();
    this.process.count('ticks made shorter');
  }

  private send(client: SimulatedClient, bytes: number): void {
    client.stream.send(bytes, this.process.now);
    this.oracle.sent(client);
  }

  private checkConnection(client: SimulatedClient): void {
    const { detector, process, oracle } = this;
    oracle.beforeCheck(client);
    // A check that finds reading paused resets the idle clocks, however short the pause is.
    if (client.isReadingPaused) oracle.clocksReset(client);
    const decisions = decisionsOf(detector.check(client));
    process.count('checks');
    if (!this.registry.has(client)) oracle.fail(client, 'was checked after its end');
    if (decisions.length === 0) return;
    oracle.decided(client, decisions);
    if (isEviction(decisions) && !client.policy.dryRun) this.evict(client, decisions);
    // Hooks may block.
    process.now += process.hookDelay;
    process.hookDelay = 0;
    detector.continueTick(process.now);
    if (decisions.includes('message-ping') && client.isOpen) {
      client.messagePinged(process.now);
      detector.onMessagePingSent(client);
      oracle.sent(client);
      process.count('message pings');
    }
    if (decisions.includes('ping') && client.isOpen) {
      client.pinged(process.now);
      detector.onPingSent(client);
      oracle.sent(client);
      process.count('pings');
    }
    if (decisions.includes('terminate')) {
      process.count('terminations');
      this.terminate(client);
    }
    if (decisions.includes('release') && this.registry.has(client)) {
      process.count('releases');
      this.closed(client);
    }
  }

  private evict(client: SimulatedClient, decisions: readonly Decision[]): void {
    const isDead =
      decisions.includes('unresponsive') && !decisions.includes('application-unresponsive');
    const isTerminated = isDead || decisions.includes('slow-consumer');
    this.detector.onEvicted(client, this.process.now, isTerminated);
    this.oracle.closing(client);
    if (isTerminated) {
      this.terminate(client);
      return;
    }
    client.answerClose(this.process.now);
    this.detector.onCloseFrameSent(client);
  }

  /** Most terminations emit `'close'` at once. Some close the connection without an event, and some have no effect. */
  private terminate(client: SimulatedClient): void {
    client.isOpen = false;
    this.oracle.terminated(client);
    const kind = client.behaviour.plan.loss % 4;
    if (kind < 2) this.closed(client);
    else if (kind === 2) client.end();
  }

  private closed(client: SimulatedClient): void {
    if (!this.registry.delete(client)) return this.oracle.fail(client, 'was closed twice');
    client.isOpen = false;
    this.detector.remove(client);
    this.process.forget(client);
    this.oracle.disconnected(client);
    this.process.count('disconnections');
  }

  /** Compares the counters, and expects that no check that was due is left. */
  private audit(): void {
    const { detector, oracle, registry } = this;
    if (detector.size !== registry.size)
      oracle.fail(undefined, 'counts more or fewer connections than exist');
    let suspects = 0;
    for (const client of registry) {
      const isClosing = client.closing !== undefined;
      const hasDeadline = client.deadline?.isWaiting ?? false;
      // A deadline that is no longer needed may stay in the wheel until the next check.
      const isMissed = !hasDeadline && Number.isFinite(realDeadlineOf(client));
      if (client.isWaiting === isClosing || isMissed)
        oracle.fail(client, 'waits in the wrong wheel, or in none');
      if (client.state === 'suspect') suspects++;
      oracle.afterChecks(client);
      if (this.hasTicked) oracle.checkRealTime(client);
    }
    this.hasTicked = false;
    if (this.fields.suspects !== suspects) oracle.fail(undefined, 'miscounts the suspects');
  }
}
