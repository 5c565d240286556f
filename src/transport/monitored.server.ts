import type { Type } from '@nestjs/common';
import type { HeartbeatPolicy } from '../heartbeat.options.js';
import { DetectorPolicy } from '../detector/detector.policy.js';
import { HeartbeatCodec } from '../protocol/heartbeat.codec.js';
import { clientHeartbeatsOf, type ClientHeartbeats } from './client.heartbeats.js';
import type { GatewayHooks } from './gateway.hooks.js';

/** A gateway behind a server. */
export interface MonitoredGateway {
  readonly name: string;
  /** Its class; none for a plain server that is watched. */
  readonly type?: Type;
  /** Where its hooks are called; none where Nest makes an instance per request. */
  readonly hooks?: GatewayHooks;
  /** The events that it has handlers for. */
  readonly events?: readonly string[];
}

/** What the connections of one server have in common: one policy, and the gateways that share it. */
export class MonitoredServer {
  readonly names: readonly string[];
  /** The policy, prepared for the judge. */
  readonly detectorPolicy: DetectorPolicy;
  /** Reads and writes heartbeat messages; none where they are off, or a gateway has them to itself. */
  readonly codec: HeartbeatCodec | undefined;
  /** Recognises the heartbeats of existing clients; none where the option names none. */
  readonly clientHeartbeats: ClientHeartbeats | undefined;

  constructor(
    readonly gateways: readonly MonitoredGateway[],
    readonly policy: HeartbeatPolicy,
  ) {
    this.names = Object.freeze(gateways.map(({ name }) => name));
    this.detectorPolicy = new DetectorPolicy(policy);
    const { event } = policy;
    const isTaken = event !== false && gateways.some(({ events }) => events?.includes(event));
    this.codec = event === false || isTaken ? undefined : new HeartbeatCodec(event);
    this.clientHeartbeats = clientHeartbeatsOf(policy.clientHeartbeats, this.names.join(', '));
  }

  serves(gateway: Type | string): boolean {
    return this.gateways.some(({ name, type }) => name === gateway || type === gateway);
  }
}
