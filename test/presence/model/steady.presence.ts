import type { HeartbeatClock } from 'nestjs-heartbeat/testing';
import type { ModelNode } from './model.node.js';
import { TOPICS } from './step.js';

/** Since when a node has had each key, by topic. */
type Since = ReadonlyMap<string, Map<string, number>>;

/**
 * Knows the keys that one node has had for a whole window: no node may report them as left, whatever else happened. Such
 * a node runs and reaches the store.
 */
export class SteadyPresence {
  /** When each node that could not reach the store has caught up, at the latest. */
  private readonly catchingUp = new WeakMap<ModelNode, number>();
  private nodes = new Map<ModelNode, Since>();

  /** @param window how long it takes at most until all nodes know a key, in ms */
  constructor(
    private readonly time: HeartbeatClock,
    private readonly window: number,
  ) {}

  /** A node alone does not reach the store. */
  suspend(node: ModelNode): void {
    this.catchingUp.set(node, Infinity);
  }

  /** Notes what the running nodes have. Call it after every change. */
  update(running: readonly ModelNode[]): void {
    const now = this.time.now();
    const nodes = running.filter((node) => this.reaches(node, now));
    this.nodes = new Map(nodes.map((node) => [node, this.nodes.get(node) ?? emptySince()]));
    for (const [node, topics] of this.nodes) {
      for (const [topic, since] of topics) {
        const present = node.tracked.metasOf(topic);
        for (const key of since.keys()) if (!present.has(key)) since.delete(key);
        for (const key of present.keys()) if (!since.has(key)) since.set(key, now);
      }
    }
  }

  has(topic: string, key: string): boolean {
    const latest = this.time.now() - this.window;
    return [...this.nodes.values()].some(
      (topics) => (topics.get(topic)?.get(key) ?? Infinity) < latest,
    );
  }

  private reaches(node: ModelNode, now: number): boolean {
    const until = this.catchingUp.get(node) ?? 0;
    if (until === Infinity && node.link.isWorking) this.catchingUp.set(node, now + this.window);
    return until <= now;
  }
}

function emptySince(): Since {
  return new Map(TOPICS.map((topic) => [topic, new Map<string, number>()]));
}
