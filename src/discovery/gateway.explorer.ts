import { Inject, Injectable, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { WebSocketServer } from 'ws';
import { GATEWAY_HEARTBEAT, HEARTBEAT_OPTIONS } from '../heartbeat.constants.js';
import { HeartbeatOptionsError } from '../heartbeat.errors.js';
import { optionsErrors } from '../heartbeat.options.messages.js';
import type {
  HeartbeatOptions,
  HeartbeatPolicy,
  ResolvedHeartbeatOptions,
} from '../heartbeat.options.js';
import { modulePolicy, resolvePolicy } from '../heartbeat.options.resolver.js';
import type { GatewayHooks } from '../transport/gateway.hooks.js';
import { MonitoredServer, type MonitoredGateway } from '../transport/monitored.server.js';
import { eventsOf, isGateway, isWsServer, type Provider } from './nest.metadata.js';
import { PreInitConnections, type PreInitConnection } from './pre-init.connections.js';
import { sharedPolicy } from './server.policy.js';
import { forgetServer, openServerSlot, readServer, type SlotOwner } from './server.slot.js';

/** A gateway class among the providers of the application. */
export interface FoundGateway {
  readonly name: string;
  readonly type: Type;
  readonly provider: Provider;
  /** The options of its `@Heartbeat()`; `undefined` without the decorator. */
  readonly own: HeartbeatOptions | false | undefined;
  /** Its options over those of the module; `undefined` without the decorator. */
  readonly policy: HeartbeatPolicy | false | undefined;
}

/** A server to monitor, and the clients that are connected to it already. */
export interface FoundServer {
  readonly server: WebSocketServer;
  readonly monitored: MonitoredServer;
  readonly preInitConnections: readonly PreInitConnection[];
}

/**
 * Finds the gateways of the application and the servers that Nest creates for them. The constructor runs before Nest
 * creates any server: it checks the options of the gateways, so that an application with invalid options never listens.
 */
@Injectable()
export class GatewayExplorer {
  readonly gateways: readonly FoundGateway[];

  private readonly preInit = new PreInitConnections();
  private readonly slotOwner: SlotOwner = {
    onServer: (gateway, server) => this.onServer(gateway, server),
  };
  private readonly slots;

  constructor(
    @Inject(HEARTBEAT_OPTIONS) private readonly options: ResolvedHeartbeatOptions,
    discovery: DiscoveryService,
  ) {
    this.gateways = discovery
      .getProviders()
      .filter(isBoundByNest)
      .map((provider) => this.describe(provider));
    this.slots = this.gateways.map(({ type }) =>
      openServerSlot(type.prototype as object, this.slotOwner),
    );
  }

  /** The servers to monitor. To be called once, after Nest has created them. */
  servers(): FoundServer[] {
    for (const slot of this.slots) slot.settle();
    const found: FoundServer[] = [];
    for (const [server, gateways] of this.gatewaysByServer()) {
      const policy = sharedPolicy(gateways, this.options);
      if (policy === false) continue;
      if (!isWsServer(server)) {
        const names = gateways.map(({ name }) => name).join(', ');
        throw new HeartbeatOptionsError(optionsErrors.notAWsServer(names));
      }
      const monitored = new MonitoredServer(gateways.map(monitoredGateway), policy);
      found.push({ server, monitored, preInitConnections: this.preInit.of(server) });
    }
    this.preInit.stop();
    return found;
  }

  /** Removes from the gateways what the module added to them. */
  release(): void {
    for (const slot of this.slots) slot.remove();
    for (const { provider } of this.gateways) {
      if (typeof provider.instance === 'object' && provider.instance !== null)
        forgetServer(provider.instance as object);
    }
  }

  private onServer(gateway: object, server: unknown): void {
    const isOurs = this.gateways.some(({ provider }) => provider.instance === gateway);
    if (isOurs && isWsServer(server)) this.preInit.watch(server);
  }

  private describe(provider: Provider): FoundGateway {
    const type = provider.metatype as Type;
    const own = Reflect.getMetadata(GATEWAY_HEARTBEAT, type) as FoundGateway['own'];
    const policy =
      own === undefined || own === false
        ? own
        : resolvePolicy(modulePolicy(this.options), own, decoratorOf(type));
    return { name: type.name, type, provider, own, policy };
  }

  /** Gateways with the same port and path share a server. */
  private gatewaysByServer(): Map<unknown, FoundGateway[]> {
    const byServer = new Map<unknown, FoundGateway[]>();
    for (const gateway of this.gateways) {
      const instance = gateway.provider.instance as object | undefined;
      const server = instance && readServer(instance);
      if (server === undefined || server === null) continue;
      const sharing = byServer.get(server) ?? [];
      if (!sharing.some(({ type }) => type === gateway.type)) sharing.push(gateway);
      byServer.set(server, sharing);
    }
    return byServer;
  }
}

/** How errors and warnings name the decorator of a gateway. */
export function decoratorOf(type: Type): string {
  return `@Heartbeat() on ${type.name}`;
}

/** Nest creates a server for a gateway whose class is listed among the providers. */
function isBoundByNest({ isNotMetatype, isAlias, metatype }: Provider): boolean {
  return !isNotMetatype && !isAlias && isGateway(metatype);
}

/** A request-scoped gateway has no instance on which to call hooks. */
function monitoredGateway({ name, type, provider }: FoundGateway): MonitoredGateway {
  return {
    name,
    type,
    events: eventsOf(type),
    ...(provider.isDependencyTreeStatic() && { hooks: provider.instance as GatewayHooks }),
  };
}
