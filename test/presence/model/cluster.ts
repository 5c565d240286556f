import { ChangeFollower } from './change.follower.js';
import { differencesOfChanges, differencesOfQueries, type Member } from './cluster.check.js';
import { ModelNode } from './model.node.js';
import {
  isStoreStep,
  NODES,
  TOPICS,
  type ClientStep,
  type NodeStep,
  type Step,
  type StoreStep,
} from './step.js';
import type { Surroundings } from './surroundings.js';
import { SteadyPresence } from './steady.presence.js';

/** The slot of the first client of a crowd. */
const CROWD = 1_000;
/** Until a batch is sent, answered and announced, and an emission may come. Milliseconds. */
const QUICK = 300;

/** Nodes that share a store. Carries out the steps of a schedule, and compares what the nodes see with the model. */
export class Cluster {
  /** How often each step was carried out. */
  readonly counts: Record<string, number> = {};
  readonly faults: string[] = [];
  private readonly members: (Member | undefined)[] = [];
  private readonly steady: SteadyPresence;
  private started = 0;
  private isDisturbed = true;

  constructor(
    private readonly surroundings: Surroundings,
    private readonly linger: number,
  ) {
    this.steady = new SteadyPresence(surroundings.time, this.recovery + this.unsteady);
    for (let index = 0; index < NODES; index++) this.start(index);
  }

  /** Until a node whose connections work again has renewed, written and read everything. Milliseconds. */
  private get recovery(): number {
    const { deadline } = this.surroundings.times;
    return 1.1 * this.renew + Math.max(deadline, 1_000) + QUICK;
  }

  /** Until a missing lease counts after that, and a key is reported as left. Milliseconds. */
  private get unsteady(): number {
    const { lease } = this.surroundings.times;
    return lease + 2.2 * this.renew + this.linger + QUICK;
  }

  private get renew(): number {
    return this.surroundings.times.renew;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (await this.take(step)) this.counts[step.do] = (this.counts[step.do] ?? 0) + 1;
      this.updateSteady();
      if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
    }
  }

  /** Ends all faults, and compares what each node sees with the model. */
  async settle(): Promise<void> {
    for (const member of this.members) {
      member?.node.link.become('working');
      await member?.node.clock.resume();
      if (member !== undefined) member.node.link.losesMessages = false;
    }
    this.updateSteady();
    if (this.running().length === 0) this.start(0);
    const quick = QUICK + this.linger;
    const within = this.isDisturbed
      ? { queries: this.surroundings.times.lease + QUICK, changes: this.recovery + this.unsteady }
      : { queries: quick, changes: quick };
    await this.compare(within.queries, (member) => differencesOfQueries(member, this.running()));
    await this.compare(within.changes - within.queries, async (member) =>
      differencesOfChanges(member, this.running()),
    );
    this.isDisturbed = false;
  }

  /** Ends all nodes. */
  async end(): Promise<void> {
    for (let index = 0; index < NODES; index++) this.kill(index);
  }

  private updateSteady(): void {
    const nodes = this.running().map(({ node }) => node);
    const cutOff = nodes.filter(({ link }) => !link.isWorking);
    // Where the store is away for all, no key may be reported as left.
    if (cutOff.length < nodes.length) for (const node of cutOff) this.steady.suspend(node);
    this.steady.update(nodes);
  }

  private running(): Member[] {
    return this.members.filter((member) => member?.node.clock.isRunning === true) as Member[];
  }

  /** Returns whether the step was possible. */
  private async take(step: Step): Promise<boolean> {
    if (step.do === 'wait') await this.surroundings.pass(step.renewals * this.renew);
    else if (step.do === 'settle') await this.settle();
    else if (step.do === 'lose data') await this.loseData(step.choice);
    else if (step.do === 'join' || step.do === 'leave' || step.do === 'crowd')
      return this.changeClients(step);
    else if (isStoreStep(step)) return this.changeLinks(step);
    else return this.changeNode(step);
    return true;
  }

  private changeClients(step: ClientStep): boolean {
    const member = this.members[step.node];
    if (member?.node.clock.isRunning !== true) return false;
    const { node } = member;
    if (step.do === 'join') {
      const { slot, key, topic, meta } = step;
      node.join(slot, key, { topic, ...(meta !== undefined && { meta }) });
    } else if (step.do === 'leave') node.leave(step.slot, step.topic);
    else {
      for (let one = 0; one < step.size; one++) {
        if (step.joins) node.join(CROWD + one, `crowd-${one}`, { topic: TOPICS[0] });
        else node.leave(CROWD + one);
      }
    }
    return true;
  }

  private changeLinks(step: StoreStep): boolean {
    const members = step.node === undefined ? this.members : [this.members[step.node]];
    this.isDisturbed = true;
    for (const member of members) member?.node.link.become(step.do);
    return members.some((member) => member !== undefined);
  }

  private async changeNode(step: NodeStep): Promise<boolean> {
    const member = this.members[step.node];
    if (step.do === 'start') {
      if (member === undefined) this.start(step.node);
      return member === undefined;
    }
    if (member === undefined) return false;
    const { clock, link } = member.node;
    if (step.do === 'shut down') {
      const { isRunning } = clock;
      if (isRunning) await this.shutDown(step.node);
      return isRunning;
    }
    this.isDisturbed = true;
    if (step.do === 'kill') this.kill(step.node);
    else if (step.do === 'pause') clock.pause();
    else if (step.do === 'resume') await clock.resume();
    else link.losesMessages = true;
    return true;
  }

  private async loseData(choice: number): Promise<void> {
    this.isDisturbed = true;
    await this.surroundings.loseData(choice);
  }

  private start(index: number): void {
    const { surroundings, linger } = this;
    const id = `${'abc'[index]}${++this.started}`;
    const node = new ModelNode({
      id,
      store: surroundings.connect(id),
      time: surroundings.time,
      times: { ...surroundings.times, linger },
      latency: () => surroundings.latency(),
    });
    const complain = (fault: string) => this.faults.push(`On ${id}: ${fault}`);
    const followers = TOPICS.map((topic) => {
      const onLeft = (key: string) => {
        if (this.steady.has(topic, key)) complain(`${topic} ${key} left, and was present`);
      };
      return [topic, new ChangeFollower(node.presence, topic, complain, onLeft)] as const;
    });
    this.members[index] = { node, followers: new Map(followers) };
  }

  private kill(index: number): void {
    const node = this.members[index]?.node;
    if (node === undefined) return;
    node.clock.kill();
    this.surroundings.cut(node.id);
    this.members[index] = undefined;
  }

  private async shutDown(index: number): Promise<void> {
    const { node } = this.members[index] as Member;
    // A node that cannot reach the store ends with its lease, as one that is killed.
    if (!node.link.isWorking || node.link.losesMessages) this.isDisturbed = true;
    this.members[index] = undefined;
    this.updateSteady();
    await this.surroundings.answer(node.close());
    node.clock.kill();
    this.surroundings.cut(node.id);
  }

  private async compare(
    within: number,
    differencesOf: (member: Member) => Promise<string[]>,
  ): Promise<void> {
    const differences = await this.surroundings.agree(Math.max(0, within), async () => {
      const found: string[] = [];
      for (const member of this.running()) {
        const differences = await this.surroundings
          .answer(differencesOf(member))
          .catch((error: unknown) => [String(error)]);
        found.push(...differences.map((difference) => `On ${member.node.id}: ${difference}`));
      }
      return found;
    });
    if (differences.length > 0) throw new Error(differences.join('\n'));
  }
}
