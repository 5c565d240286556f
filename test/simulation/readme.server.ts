import type { ProcessModel, Server } from './process.model.js';
import { Violation } from './referee.js';
import type { PreInitConnection, SimulatedClient } from './simulated.client.js';

/**
 * The loop that everybody copies: a flag per client, set by its pong. Once a period whoever has not set
 * it is cut off, and everybody else is pinged. Its period is the longest margin of the schedule, which is
 * more than a healthy client ever takes to answer.
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

  received(client: SimulatedClient, what: PreInitConnection): void {
    if (what === 'frame') this.isAlive.set(client, true);
    if (what === 'close') this.gone(client);
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
          `client ${client.behaviour.number} was cut off although it answers within the margin`,
        );
      }
      this.gone(client);
    }
  }

  check(): void {}

  end(): void {}

  private gone(client: SimulatedClient): void {
    this.isAlive.delete(client);
    this.process.forget(client);
  }
}
