import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import { GATEWAY_HEARTBEAT, HEARTBEAT_OPTIONS } from '../heartbeat.constants.js';
import { logger } from '../heartbeat.logger.js';
import type { ResolvedHeartbeatOptions } from '../heartbeat.options.js';
import { shortTimesWarning } from '../heartbeat.options.times.js';
import { escapeText } from '../heartbeat.text.js';
import type { MonitoredServer } from '../transport/monitored.server.js';
import { decoratorOf, GatewayExplorer, type FoundGateway } from './gateway.explorer.js';
import { classOf, isGateway } from './nest.metadata.js';

const HOOKS = ['handleSuspect', 'handleRecover', 'handleEvict'];

/** Warns, when the application starts, of gateways and options that have less effect than they seem to. */
@Injectable()
export class BootWarnings {
  constructor(
    @Inject(HEARTBEAT_OPTIONS) private readonly options: ResolvedHeartbeatOptions,
    private readonly discovery: DiscoveryService,
    private readonly explorer: GatewayExplorer,
    private readonly http: HttpAdapterHost,
  ) {}

  /** Logs all warnings. `servers`: those that are monitored. */
  log(servers: readonly MonitoredServer[]): void {
    this.warnOfUnboundGateways();
    this.warnOfUnusedDecorators();
    this.warnOfShortTimes();
    const monitored = new Set(servers.flatMap(({ gateways }) => gateways.map(({ type }) => type)));
    for (const gateway of this.explorer.gateways) {
      if (monitored.has(gateway.type)) warnOfUncalledHooks(gateway);
    }
    for (const server of servers) warnOfTakenEvent(server);
    if (servers.length > 0) this.warnOfMicroservice();
  }

  private warnOfUnboundGateways(): void {
    for (const provider of this.discovery.getProviders()) {
      const type = classOf(provider);
      if (!provider.isNotMetatype || provider.isAlias || !isGateway(type)) continue;
      logger.warn(
        `${type.name} is provided by a factory or as a value. Nest creates no server for such a gateway, so ` +
          'it is not monitored. List the class itself among the providers.',
      );
    }
  }

  private warnOfUnusedDecorators(): void {
    const isDecorated = this.explorer.gateways.some(({ own }) => own);
    if (this.options.gateways === 'decorated' && !isDecorated) {
      logger.warn(
        "The module is set to gateways: 'decorated', but no gateway carries @Heartbeat(), so none is monitored. " +
          'Decorate a gateway that is listed among the providers, or leave `gateways` out to monitor all.',
      );
    }
    for (const name of this.decoratedOthers()) {
      logger.warn(
        `${name} carries @Heartbeat(), but is no gateway, so the decorator has no effect. ` +
          'Move it to a class with @WebSocketGateway(), or remove it.',
      );
    }
  }

  /** The names of decorated classes that are no gateways. */
  private decoratedOthers(): Set<string> {
    const names = new Set<string>();
    for (const provider of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      for (const type of [provider.metatype, classOf(provider)]) {
        if (typeof type !== 'function' || isGateway(type)) continue;
        if (Reflect.hasMetadata(GATEWAY_HEARTBEAT, type)) names.add(type.name);
      }
    }
    return names;
  }

  /** Each policy is warned of once, where it is set. */
  private warnOfShortTimes(): void {
    const warnings = [
      shortTimesWarning('HeartbeatModule', this.options),
      ...this.explorer.gateways.map(
        ({ own, type }) => own && shortTimesWarning(decoratorOf(type), own),
      ),
    ];
    for (const warning of new Set(warnings)) if (warning) logger.warn(warning);
  }

  /**
   * `NestMicroservice.close()` closes the servers of gateways before it calls any hook. A microservice has no HTTP
   * server. A hybrid application has one, and calls the hooks first.
   */
  private warnOfMicroservice(): void {
    // `null` in a microservice, in spite of its type.
    const adapter = this.http.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
    if (!this.options.drain || adapter?.getHttpServer()) return;
    logger.warn(
      'This application is a microservice. Its close() terminates all clients before any shutdown hook runs, so ' +
        'they are not drained. Call `await liveness.drain()` before `app.close()`.',
    );
  }
}

function warnOfUncalledHooks({ name, provider }: FoundGateway): void {
  if (provider.isDependencyTreeStatic()) return;
  const instance = provider.instance as object;
  const hooks = HOOKS.filter((hook) => typeof Reflect.get(instance, hook) === 'function');
  if (hooks.length === 0) return;
  logger.warn(
    `${name} is request-scoped, so there is no instance on which to call ${hooks.join(', ')}. ` +
      'Make the gateway a singleton, or subscribe to LivenessService.events$ in one.',
  );
}

/** A gateway that handles the reserved event itself keeps it. */
function warnOfTakenEvent({ codec, gateways, policy: { event } }: MonitoredServer): void {
  if (codec !== undefined || event === false) return;
  const owner = gateways.find(({ events }) => events?.includes(event))?.name;
  logger.warn(
    `${owner} has a handler for ${escapeText(event)}, the event of heartbeat messages. The handler keeps the event, so ` +
      'heartbeat messages are not answered on this server. Set `event` to another name, or to false.',
  );
}
