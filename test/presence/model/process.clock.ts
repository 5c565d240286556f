import type { HeartbeatClock } from 'nestjs-heartbeat/testing';
import { turn } from './simulated.time.js';

/**
 * The clock of one node. While the node is paused, none of its timers runs and nothing arrives. When it goes on, the
 * timers that are due run first, and then it receives what has arrived, as in the event loop of Node.js.
 */
export class ProcessClock implements HeartbeatClock {
  private state: 'running' | 'paused' | 'killed' = 'running';
  private readonly due = new Map<object, () => void>();
  private readonly arrived = new Map<object, () => void>();

  constructor(private readonly time: HeartbeatClock) {}

  get isRunning(): boolean {
    return this.state === 'running';
  }

  now(): number {
    return this.time.now();
  }

  wallTime(): number {
    return this.time.wallTime();
  }

  setTimeout(callback: () => void, delay: number): NodeJS.Timeout {
    return this.set(callback, delay, this.due);
  }

  setInterval(callback: () => void, delay: number): NodeJS.Timeout {
    return this.time.setInterval(callback, delay);
  }

  clear(timer: NodeJS.Timeout | undefined): void {
    if (timer !== undefined) this.due.delete(timer);
    this.time.clear(timer);
  }

  /** Something that is sent now reaches the node after `delay` ms. */
  receive(callback: () => void, delay: number): void {
    this.set(callback, delay, this.arrived);
  }

  pause(): void {
    if (this.state === 'running') this.state = 'paused';
  }

  async resume(): Promise<void> {
    if (this.state !== 'paused') return;
    this.state = 'running';
    for (const waiting of [this.due, this.arrived]) {
      for (const [timer, callback] of waiting) {
        waiting.delete(timer);
        callback();
        await turn();
      }
    }
  }

  kill(): void {
    this.state = 'killed';
    this.due.clear();
    this.arrived.clear();
  }

  private set(
    callback: () => void,
    delay: number,
    waiting: Map<object, () => void>,
  ): NodeJS.Timeout {
    const run = () => {
      if (this.state === 'running') callback();
      else if (this.state === 'paused') waiting.set(timer, callback);
    };
    const timer = this.time.setTimeout(run, delay);
    return timer;
  }
}
