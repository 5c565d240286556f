import { Inject, Injectable, Logger, type Type } from '@nestjs/common';
import { HttpAdapterHost, MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { WebSocketServer } from 'ws';
import { GATEWAY_HEARTBEAT, HEARTBEAT_OPTIONS, RAW_OPTIONS } from '../heartbeat.constants.js';
import { HeartbeatOptionsError } from '../heartbeat.errors.js';
import { optionsErrors } from '../heartbeat.options.messages.js';
import type {
  HeartbeatOptions,
  HeartbeatPolicy,
  ResolvedHeartbeatOptions,
} from '../heartbeat.options.js';
import { isSamePolicy, modulePolicy, resolvePolicy } from '../heartbeat.options.resolver.js';
import { shortTimesWarning } from '../heartbeat.options.times.js';
import { PreInitConnections, type PreInitConnection } from './pre-init.connections.js';
import type { GatewayHooks } from '../transport/gateway.hooks.js';
import { MonitoredServer } from '../transport/monitored.server.js';
import { openServerSlot, readServerSlot, type SlotOwner } from './server.capture.js';

/** What `@WebSocketGateway()` leaves on a class; the constant is not exported by all supported versions. */
const IS_GATEWAY = 'websockets:is_gateway';
/** What `@SubscribeMessage()` leaves on a handler. */
const IS_HANDLER = 'websockets:message_mapping';
/** What `@Module()` leaves of its `imports`. */
const IMPORTS = 'imports';
const HANDLED_EVENT = 'message';
const HOOKS = ['handleSuspect', 'handleRecover', 'handleEvict'] as const;

type Wrapper =
  ReturnType<ModulesContainer['values']> extends Iterable<infer Module>
    ? Module extends { providers: Map<unknown, infer Provider> }
      ? Provider
      : never
    : never;

/** A gateway class of the application, and what it asks for: `undefined` where it is not decorated. */
interface FoundGateway {
  readonly name: string;
  readonly type: Type;
  readonly wrapper: Wrapper;
  /** The options of its decorator. */
  readonly own: HeartbeatOptions | false | undefined;
  readonly policy: HeartbeatPolicy | false | undefined;
}

/** A server to guard, and who is connected to it already. */
export interface FoundServer {
  readonly server: WebSocketServer;
  readonly monitored: MonitoredServer;
  readonly preInitConnections: readonly PreInitConnection[];
}

/**
 * Finds the gateways of the application, what each asks for, and the servers that Nest makes for them.
 *
 * The constructor runs before Nest makes any server: there the options are checked, so that an
 * application that cannot be meant never listens, and the slots are opened through which the servers come.
 */
@Injectable()
export class GatewayExplorer {
  private readonly logger = new Logger('HeartbeatModule');
  private readonly gateways: readonly FoundGateway[];
  private readonly early = new PreInitConnections();
  private readonly slotOwner: SlotOwner = {
    arrived: (gateway, server) => this.serverArrived(gateway, server),
  };
  private readonly closeSlots: (() => void)[];

  constructor(
    @Inject(HEARTBEAT_OPTIONS) private readonly options: ResolvedHeartbeatOptions,
    private readonly modules: ModulesContainer,
    private readonly http: HttpAdapterHost,
  ) {
    this.refuseSecondModule();
    this.refuseLazyModule();
    this.gateways = this.findGateways();
    this.closeSlots = this.gateways.map(({ type }) =>
      openServerSlot(type.prototype as object, this.slotOwner),
    );
  }

  /** The servers to guard. To be called once, when Nest has made them. */
  servers(): FoundServer[] {
    for (const close of this.closeSlots.splice(0)) close();
    this.warnOfUnboundGateways();
    this.warnOfUnusedDecorators();
    this.warnOfShortTimes();
    const found: FoundServer[] = [];
    for (const [server, gateways] of this.gatewaysByServer()) {
      const policy = this.policyOf(gateways);
      if (policy === false) continue;
      if (!isWsServer(server)) {
        throw new HeartbeatOptionsError(optionsErrors.notAWsServer(nameAll(gateways)));
      }
      const monitored = new MonitoredServer(
        gateways.map(({ name, type, wrapper }) => ({
          name,
          type,
          events: eventsOf(type),
          ...this.hooksOf(name, wrapper),
        })),
        policy,
      );
      found.push({ server, monitored, preInitConnections: this.early.of(server) });
    }
    this.early.stop();
    return found;
  }

  /** Another application may have the same gateway class: its servers are not ours. */
  private serverArrived(gateway: object, server: unknown): void {
    const isOurs = this.gateways.some(({ wrapper }) => wrapper.instance === gateway);
    if (isOurs && isWsServer(server)) this.early.watch(server);
  }

  private refuseSecondModule(): void {
    const registered = [...this.modules.values()].filter(({ providers }) =>
      providers.has(HEARTBEAT_OPTIONS),
    );
    if (registered.length < 2) return;
    const bare = registered.find(({ providers }) => !providers.has(RAW_OPTIONS));
    throw new HeartbeatOptionsError(
      bare === undefined
        ? optionsErrors.registeredTwice()
        : optionsErrors.bareBesideRoot(this.importersOf(bare.metatype)),
    );
  }

  /** The names of the modules that list a class among their imports. */
  private importersOf(imported: Type): string[] {
    const importers = [...this.modules.values()].filter(({ metatype }) =>
      (Reflect.getMetadata(IMPORTS, metatype) as unknown[] | undefined)?.includes(imported),
    );
    return importers.map(({ name }) => name);
  }

  /** With `LazyModuleLoader` the module comes too late, and Nest would not say so. */
  private refuseLazyModule(): void {
    if (this.http.listening) throw new HeartbeatOptionsError(optionsErrors.loadedLazily());
  }

  private findGateways(): FoundGateway[] {
    const found: FoundGateway[] = [];
    for (const wrapper of this.wrappers()) {
      const type = wrapper.metatype as Type | null;
      if (
        wrapper.isNotMetatype ||
        wrapper.isAlias ||
        typeof type !== 'function' ||
        !isGateway(type)
      )
        continue;
      const own = Reflect.getMetadata(GATEWAY_HEARTBEAT, type) as
        HeartbeatOptions | false | undefined;
      const policy =
        own === undefined || own === false
          ? own
          : resolvePolicy(modulePolicy(this.options), own, placeOf(type));
      found.push({ name: type.name, type, wrapper, own, policy });
    }
    return found;
  }

  private gatewaysByServer(): Map<unknown, FoundGateway[]> {
    const byServer = new Map<unknown, FoundGateway[]>();
    for (const gateway of this.gateways) {
      const instance = gateway.wrapper.instance as object | undefined;
      const server = instance && readServerSlot(instance);
      if (server === undefined || server === null) continue;
      const sharing = byServer.get(server) ?? [];
      if (!sharing.some(({ type }) => type === gateway.type)) sharing.push(gateway);
      byServer.set(server, sharing);
    }
    return byServer;
  }

  /** The one policy of the gateways that share a server: that of the decorated ones, which the others follow. */
  private policyOf(gateways: readonly FoundGateway[]): HeartbeatPolicy | false {
    const [first, ...others] = gateways.filter(({ policy }) => policy !== undefined);
    if (first?.policy === undefined)
      return this.options.gateways === 'all' && modulePolicy(this.options);
    for (const other of others) {
      if (!agree(first.policy, other.policy)) {
        throw new HeartbeatOptionsError(optionsErrors.differentPolicies(first.name, other.name));
      }
    }
    return first.policy;
  }

  private hooksOf(name: string, wrapper: Wrapper): { hooks?: GatewayHooks } {
    const hooks = wrapper.instance as GatewayHooks;
    if (wrapper.isDependencyTreeStatic()) return { hooks };
    const lost = HOOKS.filter((hook) => typeof hooks[hook] === 'function');
    if (lost.length > 0) {
      this.logger.warn(
        `${name} is request-scoped: there is no instance on which to call ${lost.join(', ')}. ` +
          'Make the gateway a singleton, or subscribe to LivenessService.events$ in one.',
      );
    }
    return {};
  }

  private warnOfUnboundGateways(): void {
    for (const wrapper of this.wrappers()) {
      const type = (wrapper.instance as object | undefined)?.constructor;
      if (!wrapper.isNotMetatype || wrapper.isAlias || type === undefined || !isGateway(type))
        continue;
      this.logger.warn(
        `${type.name} is provided by a factory or as a value. Nest binds no server to such a gateway, so ` +
          'there is nothing to guard. List the class itself among the providers.',
      );
    }
  }

  private warnOfUnusedDecorators(): void {
    const isDecorated = this.gateways.some(({ own }) => own);
    if (this.options.gateways === 'decorated' && !isDecorated) {
      this.logger.warn(
        "The module is set to gateways: 'decorated', but no gateway carries @Heartbeat(), so none is monitored. " +
          'Decorate a gateway that is listed among the providers, or leave `gateways` out to monitor all.',
      );
    }
    for (const name of this.decoratedOthers()) {
      this.logger.warn(
        `${name} carries @Heartbeat(), but is no gateway, so the decorator does nothing. ` +
          'Move it to a class with @WebSocketGateway(), or remove it.',
      );
    }
  }

  /** The names of decorated classes that are no gateways. */
  private decoratedOthers(): Set<string> {
    const names = new Set<string>();
    for (const module of this.modules.values()) {
      for (const { instance, metatype } of [
        ...module.providers.values(),
        ...module.controllers.values(),
      ] as Wrapper[]) {
        for (const type of [metatype, (instance as object | undefined)?.constructor]) {
          if (typeof type !== 'function' || isGateway(type)) continue;
          if (Reflect.hasMetadata(GATEWAY_HEARTBEAT, type)) names.add(type.name);
        }
      }
    }
    return names;
  }

  /** Each policy is warned of once, where it is set. */
  private warnOfShortTimes(): void {
    const warnings = [
      shortTimesWarning('HeartbeatModule', this.options),
      ...this.gateways.map(({ own, type }) => own && shortTimesWarning(placeOf(type), own)),
    ];
    for (const warning of new Set(warnings)) if (warning) this.logger.warn(warning);
  }

  private *wrappers(): Generator<Wrapper> {
    for (const { providers } of this.modules.values())
      yield* providers.values() as Iterable<Wrapper>;
  }
}

/** How errors and warnings name the decorator of a gateway. */
function placeOf(type: Type): string {
  return `@Heartbeat() on ${type.name}`;
}

function isGateway(type: object): boolean {
  return Reflect.getMetadata(IS_GATEWAY, type) === true;
}

function isWsServer(server: unknown): server is WebSocketServer {
  return (
    typeof server === 'object' &&
    server !== null &&
    'handleUpgrade' in server &&
    typeof server.handleUpgrade === 'function'
  );
}

/** The events for which a gateway has handlers. */
function eventsOf(type: Type): string[] {
  return new MetadataScanner()
    .getAllMethodNames(type.prototype as object)
    .map((method) => Reflect.get(type.prototype as object, method) as object)
    .filter((handler) => Reflect.getMetadata(IS_HANDLER, handler) === true)
    .map((handler) => Reflect.getMetadata(HANDLED_EVENT, handler) as unknown)
    .filter((event) => typeof event === 'string');
}

function agree(
  first: HeartbeatPolicy | false,
  second: HeartbeatPolicy | false | undefined,
): boolean {
  return first && second ? isSamePolicy(first, second) : first === second;
}

function nameAll(gateways: readonly FoundGateway[]): string {
  return gateways.map(({ name }) => name).join(', ');
}
