import { FailureDetector } from '../../src/detector/failure-detector.js';
import type { DetectorPolicy } from '../../src/detector/detector.policy.js';
import type { WheelEntry } from '../../src/detector/timing-wheel.js';
import { realDeadlineOf } from '../../src/detector/eviction-rules.js';
import type { ProcessModel, Server } from './process.model.js';
import { decisionsOf, isEviction, type Decision } from '../support/decisions.js';
import { Referee } from './referee.js';
import { KERNELS, type ClientFault, type FaultPlan } from './schedule.js';
import type { PreInitConnection, SimulatedClient } from './simulated.client.js';

/** As in the runner of the looks. Milliseconds. */
const SLICE = 4;

/** The inside of a detector, for the books. */
interface Inside {
  readonly planner: { readonly wheel: Wheel; readonly realWheel: Wheel };
  readonly suspects: number;
}

interface Wheel {
  readonly slots: readonly WheelEntry[];
  readonly due: WheelEntry;
}

/** The real detector, driven as the scheduler, the runner of the looks, the tracker and the evictor do it. */
export class HeartbeatServer implements Server {
  wantsCheck = false;
  private readonly detector: FailureDetector<SimulatedClient>;
  private readonly referee: Referee;
  private readonly registry = new Set<SimulatedClient>();
  private hasTicked = false;

  constructor(private readonly process: ProcessModel) {
    const [policy] = process.policies as [DetectorPolicy];
    this.detector = new FailureDetector(process.now, policy.tick);
    this.referee = new Referee(process);
  }

  get period(): number {
    return this.detector.tick;
  }

  connected(client: SimulatedClient): void {
    this.registry.add(client);
    this.detector.add(client, this.process.now);
    this.referee.connected(client);
  }

  received(client: SimulatedClient, what: PreInitConnection): void {
    if (!this.registry.has(client)) return;
    if (what === 'close') return this.closed(client);
    this.referee.received(client, what);
    this.process.count(what);
    if (what === 'frame') this.detector.onPong(client);
    if (what === 'reply' || what === 'beat') this.detector.onHeartbeatMessage(client);
    if (what === 'message') this.detector.onApplicationMessage(client);
  }

  tick(): void {
    const { now } = this.process;
    this.referee.tick(this.period);
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
    let looks = 0;
    detector.continueTick(process.now);
    for (let client = detector.nextDue(); client; client = detector.nextDue()) {
      this.look(client);
      process.now += process.schedule.lookCost;
      if (++looks % process.schedule.batch !== 0) continue;
      if (process.now >= end) {
        process.count('slices');
        this.wantsCheck = true;
        return;
      }
      detector.continueTick(process.now);
    }
    this.audit();
  }

  fault({ kind, size, who }: FaultPlan<ClientFault>, client: SimulatedClient): void {
    const { detector, process, referee } = this;
    switch (kind) {
      case 'options change': {
        const policy = process.policies.at((who + size) % process.policies.length);
        if (policy === undefined) return;
        if (policy.tick < detector.tick) this.retick(policy.tick);
        detector.update(client, policy);
        referee.disturbed(client);
        return;
      }
      case 'pause':
        detector.pause(client);
        process.later(size, () => {
          if (!this.registry.has(client) || !client.record.paused) return;
          detector.resume(client);
          referee.restarted(client);
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
        client.record.admit();
        return;
      case 'a message is sent':
        if (client.isOpen) this.send(client, Math.ceil((size / 10) * KERNELS));
        return;
      case 'a broadcast begins':
        client.broadcast = { until: process.now + client.policy.timeout * 4, bytes: 1 + size * 5 };
        return;
      case 'reading stops':
        client.stopReading(process.now);
        if (client.isOpen && size > 30) this.send(client, 2 * KERNELS);
        return;
      case 'the application closes':
        if (!client.isOpen) return;
        referee.closing(client);
        client.answerClose(process.now);
        return;
      case 'the client closes, and does not end':
        if (!client.isOpen) return;
        referee.closing(client);
        client.closeHalf();
        return;
      case 'the end is not heard':
        if (client.isOpen) referee.closedUnheard(client);
        client.end();
    }
  }

  end(): void {
    for (const client of this.registry) this.closed(client);
    this.referee.end();
    this.audit();
    const {
      planner: { wheel, realWheel },
      suspects,
    } = this.inside;
    if (this.detector.size > 0 || suspects > 0) this.referee.fail(undefined, 'keep somebody');
    for (const { slots, due } of [wheel, realWheel]) {
      if ([due, ...slots].some((head) => head.isWaiting))
        this.referee.fail(undefined, 'keep somebody in a wheel');
    }
  }

  private get inside(): Inside {
    return this.detector as unknown as Inside;
  }

  private retick(tick: number): void {
    this.detector.changeTick(tick);
    this.detector.skip(this.process.now);
    this.referee.skip();
    for (const client of this.registry) this.referee.disturbed(client);
    this.process.restartTimer();
    this.process.count('ticks made shorter');
  }

  private send(client: SimulatedClient, bytes: number): void {
    client.stream.send(bytes, this.process.now);
    this.referee.sent(client);
  }

  private look(client: SimulatedClient): void {
    const { detector, process, referee } = this;
    referee.looked(client);
    // However short the pause is: whoever is found unread has its clocks started again.
    if (client.isReadingPaused) referee.disturbed(client);
    const decisions = decisionsOf(detector.check(client));
    process.count('looks');
    if (!this.registry.has(client)) referee.fail(client, 'was looked at after it had gone');
    if (decisions.length === 0) return;
    referee.decided(client, decisions);
    if (isEviction(decisions) && !client.policy.dryRun) this.evict(client, decisions);
    // Hooks may block.
    process.now += process.betweenLooks;
    process.betweenLooks = 0;
    detector.continueTick(process.now);
    if (decisions.includes('message-ping') && client.isOpen) {
      client.asked(process.now);
      detector.onMessagePingSent(client);
      referee.sent(client);
      process.count('questions');
    }
    if (decisions.includes('ping') && client.isOpen) {
      client.pinged(process.now);
      detector.onPingSent(client);
      referee.sent(client);
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
    const isCutOff = isDead || decisions.includes('slow-consumer');
    this.detector.onEvicted(client, this.process.now, isCutOff);
    this.referee.closing(client);
    if (isCutOff) {
      this.terminate(client);
      return;
    }
    client.answerClose(this.process.now);
    this.detector.onCloseFrameSent(client);
  }

  /** Most connections end at once, and that is heard; of some it is not, and some cannot be terminated. */
  private terminate(client: SimulatedClient): void {
    client.isOpen = false;
    this.referee.terminated(client);
    const kind = client.behaviour.plan.loss % 4;
    if (kind < 2) this.closed(client);
    else if (kind === 2) client.end();
  }

  private closed(client: SimulatedClient): void {
    if (!this.registry.delete(client)) return this.referee.fail(client, 'was closed twice');
    client.isOpen = false;
    this.detector.remove(client);
    this.process.forget(client);
    this.referee.disconnected(client);
    this.process.count('disconnections');
  }

  /** The books agree, and nothing that was due is left. */
  private audit(): void {
    const { detector, referee, registry } = this;
    if (detector.size !== registry.size)
      referee.fail(undefined, 'count more or fewer than there are');
    let suspects = 0;
    for (const client of registry) {
      const isClosing = client.record.closing !== undefined;
      const hasDeadline = client.record.deadline?.isWaiting ?? false;
      // One that nobody needs any more may go on waiting until the next look.
      const isMissed = !hasDeadline && Number.isFinite(realDeadlineOf(client.record));
      if (client.record.isWaiting === isClosing || isMissed)
        referee.fail(client, 'waits where it should not, or does not');
      if (client.record.state === 'suspect') suspects++;
      referee.rest(client);
      if (this.hasTicked) referee.realTime(client);
    }
    this.hasTicked = false;
    if (this.inside.suspects !== suspects) referee.fail(undefined, 'miscount the suspects');
  }
}
