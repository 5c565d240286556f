import type { Type } from '@nestjs/common';
import type { HeartbeatPolicy } from '../heartbeat.options.js';
import type { ClientOptions } from '../heartbeat.options.resolver.js';
import { DetectorPolicy } from '../detector/detector.policy.js';
import { HeartbeatCodec } from '../protocol/heartbeat.codec.js';
import { clientHeartbeatsOf, type ClientHeartbeats } from './client.heartbeats.js';
import type { GatewayHooks } from './gateway.hooks.js';

/** A gateway behind a server. */
export interface MonitoredGateway {
  readonly name: string;
  /** The class of the gateway; none for a plain server that is watched. */
  readonly type?: Type;
  /** The instance whose hooks are called; none for a gateway with an instance per request. */
  readonly hooks?: GatewayHooks;
  /** The events for which the gateway has handlers. */
  readonly events?: readonly string[];
}

/** A monitored server: its gateways, and the policy that they share. */
export class MonitoredServer {
  readonly names: readonly string[];
  /** The policy of the connections that have no options of their own. */
  readonly connectionPolicy: ConnectionPolicy;
  /** Reads and writes heartbeat messages; none if they are off, or a gateway handles their event itself. */
  readonly codec: HeartbeatCodec | undefined;
  /** Recognises the heartbeats of existing clients; none if the option names none. */
  readonly clientHeartbeats: ClientHeartbeats | undefined;

  constructor(
    readonly gateways: readonly MonitoredGateway[],
    readonly policy: HeartbeatPolicy,
  ) {
    this.names = Object.freeze(gateways.map(({ name }) => name));
    this.connectionPolicy = new ConnectionPolicy(this, policy);
    const { event } = policy;
    const isTaken = event !== false && gateways.some(({ events }) => events?.includes(event));
    this.codec = event === false || isTaken ? undefined : new HeartbeatCodec(event);
    this.clientHeartbeats = clientHeartbeatsOf(policy.clientHeartbeats, this.names.join(', '));
  }

  serves(gateway: Type | string): boolean {
    return this.gateways.some(({ name, type }) => name === gateway || type === gateway);
  }
}

/** The options that hold for a connection. The connections of a server share one, except those with options of their own. */
export class ConnectionPolicy extends DetectorPolicy implements ClientOptions {
  /**
   * @param server the server of the connection
   * @param configured the options that the application set
   * @param options the options that hold, after negotiation with the client
   */
  constructor(
    readonly server: MonitoredServer,
    readonly configured: HeartbeatPolicy,
    readonly options = configured,
  ) {
    super(options);
  }
}
