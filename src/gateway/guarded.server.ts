import type { Type } from '@nestjs/common';
import type { HeartbeatPolicy } from '../heartbeat.options.js';
import { LivenessPolicy } from '../monitor/liveness.policy.js';
import type { GatewayHooks } from './gateway.hooks.js';

/** A gateway behind a server. */
export interface GuardedGateway {
  readonly name: string;
  /** Its class; none for a plain server that is watched. */
  readonly type?: Type;
  /** Where its hooks are called; none where Nest makes an instance per request. */
  readonly hooks?: GatewayHooks;
}

/** What the connections of one server have in common: one policy, and the gateways that share it. */
export class GuardedServer {
  readonly names: readonly string[];
  /** The policy, prepared for the judge. */
  readonly judged: LivenessPolicy;

  constructor(
    readonly gateways: readonly GuardedGateway[],
    readonly policy: HeartbeatPolicy,
  ) {
    this.names = Object.freeze(gateways.map(({ name }) => name));
    this.judged = new LivenessPolicy(policy);
  }

  serves(gateway: Type | string): boolean {
    return this.gateways.some(({ name, type }) => name === gateway || type === gateway);
  }
}
