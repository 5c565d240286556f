import type { ProcessModel, Server } from './process.model.js';
import { Violation } from './oracle.js';
import type { InboundEvent, SimulatedClient } from './simulated.client.js';

/**
 * The `isAlive` loop of the `ws` README: one flag per client, set by its pong. Once a period it terminates each
 * client whose flag is not set, and pings all others. The period is the longest margin of the schedule, which is
 * longer than a healthy client takes to answer.
 */
export class ReadmeServer implements Server {
  readonly wantsCheck = false;
  readonly period: number;
  private readonly isAlive = new Map<SimulatedClient, boolean>();

  constructor(private readonly process: ProcessModel) {
    this.period =
      Math.max(...process.policies.map(({ timeout, interval }) => timeout - interval)) + 1;
  }

  connected(client: SimulatedClient): void {
    this.isAlive.set(client, true);
  }

  received(client: SimulatedClient, event: InboundEvent): void {
    if (event === 'pong') this.isAlive.set(client, true);
    if (event === 'close') this.remove(client);
  }

  tick(): void {
    for (const [client, isAlive] of this.isAlive) {
      if (isAlive) {
        this.isAlive.set(client, false);
        client.pinged(this.process.now);
        continue;
      }
      this.process.count('unresponsive');
      if (client.isHealthy) {
        throw new Violation(
          `client ${client.behaviour.number} was terminated although it answers within the margin`,
        );
      }
      this.remove(client);
    }
  }

  check(): void {}

  end(): void {}

  private remove(client: SimulatedClient): void {
    this.isAlive.delete(client);
    this.process.forget(client);
  }
}
