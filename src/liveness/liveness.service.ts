import { Inject, Injectable, type Type } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { WebSocket, WebSocketServer } from 'ws';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import { ConnectionRegistry } from '../connections/connection.registry.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { snapshotOf, stateOf } from '../connections/liveness.snapshot.js';
import { PreInitConnections } from '../discovery/pre-init.connections.js';
import { MonitoredServer } from '../transport/monitored.server.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { HEARTBEAT_OPTIONS, PROBE_TIMEOUT } from '../heartbeat.constants.js';
import {
  ClientDisconnectedError,
  HeartbeatOptionsError,
  HeartbeatShutdownError,
  invalidArgument,
  optionsErrors,
  show,
  UnknownClientError,
} from '../heartbeat.errors.js';
import type {
  DrainReport,
  HeartbeatEvent,
  HeartbeatSnapshot,
  Liveness,
  LivenessState,
  ServerSnapshot,
} from '../heartbeat.interfaces.js';
import type {
  DrainOptions,
  HeartbeatOptions,
  ResolvedHeartbeatOptions,
} from '../heartbeat.options.js';
import {
  checkTime,
  modulePolicy,
  resolveDrain,
  resolveUpdate,
  resolveWatch,
} from '../heartbeat.options.resolver.js';
import { ConnectionDrain } from '../lifecycle/connection.drain.js';
import { HeartbeatLifecycle } from '../lifecycle/heartbeat.lifecycle.js';
import { HeartbeatScheduler } from '../lifecycle/heartbeat.scheduler.js';
import { ConnectionChecker } from '../lifecycle/connection.checker.js';
import { FailureDetector } from '../detector/failure-detector.js';
import { DetectorPolicy } from '../detector/detector.policy.js';
import { checkCloseFrame, cutToLength } from './arguments.js';
import { Prober } from './prober.js';

/** UTF-16 code units of a label. */
const LONGEST_LABEL = 128;

/**
 * Tells which clients are alive, and acts on single ones.
 *
 * Unless stated otherwise, methods that take a client throw `UnknownClientError` for one that was never tracked, and
 * do nothing for one whose connection has closed. After shutdown no client is tracked: `probe()`, `watch()` and
 * `update()` fail with `HeartbeatShutdownError`, the other methods do nothing.
 *
 * Hooks and events that a call causes directly, such as those of `disconnect()` and `drain()`, run in the
 * `AsyncLocalStorage` context of that call. All others run in the context in which the application was created. No
 * context is kept after its call.
 *
 * @publicApi
 */
@Injectable()
export class LivenessService {
  /**
   * What happens to connections. Hot: only what happens after subscribing is seen. Completes on
   * shutdown. A subscriber that throws disturbs no other; RxJS reports it in its own way.
   */
  readonly events$: Observable<HeartbeatEvent>;

  /** @internal */
  constructor(
    @Inject(HEARTBEAT_OPTIONS) private readonly options: ResolvedHeartbeatOptions,
    private readonly connections: ConnectionRegistry,
    private readonly detector: FailureDetector<WsConnection>,
    private readonly evictor: ConnectionEvictor,
    private readonly prober: Prober,
    private readonly scheduler: HeartbeatScheduler,
    private readonly looks: ConnectionChecker,
    private readonly drainer: ConnectionDrain,
    private readonly lifecycle: HeartbeatLifecycle,
    events: HeartbeatEvents,
  ) {
    this.events$ = events.events$;
  }

  /** How many connections are tracked: each from its handshake until its `'close'`. */
  get size(): number {
    return this.connections.size;
  }

  /**
   * What is known of a client now. After its connection closed, in `handleDisconnect()` already, its last state:
   * `'closed'`, with the `eviction` if there was one, for as long as the client object lives. `undefined` for a
   * client that was never tracked, and for one that is open but no longer watched.
   */
  get(client: WebSocket): Liveness | undefined {
    const connection = this.connections.find(client);
    return connection === undefined
      ? this.connections.lastStateOf(client)
      : snapshotOf(connection, this.detector);
  }

  /** Whether a client is tracked, open and not evicted. A suspect counts as alive. */
  isAlive(client: WebSocket): boolean {
    const connection = this.connections.find(client);
    return connection !== undefined && connection.isOpen && connection.record.state !== 'evicted';
  }

  /**
   * The tracked clients, one snapshot at a time.
   *
   * @param filter of one gateway, by its class or the name of its class, or of one watched server, by its name; in
   * one state
   * @throws HeartbeatOptionsError for a gateway that no monitored server has
   */
  clients(
    filter: { gateway?: Type | string; state?: LivenessState } = {},
  ): IterableIterator<Liveness> {
    const { gateway, state } = filter;
    if (gateway !== undefined) this.refuseUnknownGateway(gateway);
    return this.select(gateway, state);
  }

  /**
   * Pings a client now and resolves with the round trip in ms. Who probes while a ping of this kind is
   * under way joins it.
   *
   * @param timeout how long to wait, in ms; default 5 000
   * @throws ProbeTimeoutError (rejects) without an answer in time
   * @throws ClientDisconnectedError (rejects) where the client is gone or goes
   * @throws UnknownClientError (rejects) for a client that was never tracked
   * @throws HeartbeatOptionsError (rejects) for a timeout that is no positive number
   * @throws HeartbeatShutdownError (rejects) after shutdown
   */
  async probe(client: WebSocket, timeout: number = PROBE_TIMEOUT): Promise<number> {
    this.refuseAfterShutdown('probe');
    checkTime('probe()', 'timeout', timeout);
    const connection = this.connectionOf(client, 'probe');
    if (connection === undefined) throw new ClientDisconnectedError();
    return this.prober.probe(connection, timeout);
  }

  /**
   * Marks a client as known to the application: `admissionTimeout` no longer runs.
   *
   * @param label the application's name for the client, such as a user id, which `Liveness` then shows. At most 128
   * characters (UTF-16 code units); a longer one is cut, between characters. Without it an earlier label stays.
   * @throws TypeError (with a `code`) for a label that is no string
   */
  admit(client: WebSocket, label?: string): void {
    if (label !== undefined && typeof label !== 'string') {
      throw invalidArgument(`admit() takes a string as its label, or none, not ${show(label)}.`);
    }
    const connection = this.connectionOf(client, 'admit');
    if (connection === undefined) return;
    connection.record.admit();
    if (label !== undefined) connection.setLabel(cutToLength(label, LONGEST_LABEL));
  }

  /**
   * The application vouches for a client that it heard of on another way: as good as one application
   * message. Proves no round trip.
   */
  touch(client: WebSocket): void {
    const connection = this.connectionOf(client, 'touch');
    if (connection !== undefined) this.detector.onApplicationMessage(connection);
  }

  /** No pings and no verdicts for this client until `resume()`. Its socket is left alone. */
  pause(client: WebSocket): void {
    const connection = this.connectionOf(client, 'pause');
    if (connection !== undefined) this.detector.pause(connection);
  }

  /** Ends `pause()`: all clocks of the client start from zero. */
  resume(client: WebSocket): void {
    const connection = this.connectionOf(client, 'resume');
    if (connection?.record.paused) this.detector.resume(connection);
  }

  /**
   * Changes what holds for one client from now on. What is left out stays as it is.
   *
   * @throws HeartbeatOptionsError for options that `forRoot()` would refuse
   * @throws HeartbeatShutdownError after shutdown
   */
  update(
    client: WebSocket,
    options: Pick<
      HeartbeatOptions,
      'interval' | 'timeout' | 'idleTimeout' | 'maxLifetime' | 'liveness'
    >,
  ): void {
    this.refuseAfterShutdown('update');
    const connection = this.connectionOf(client, 'update');
    if (connection === undefined) return;
    connection.changeOptions(resolveUpdate(connection, options));
    const policy = new DetectorPolicy(connection.options);
    this.scheduler.fit(policy);
    this.detector.update(connection, policy);
  }

  /**
   * Closes a client. One that is being closed already stays as it is.
   *
   * @param options `code`, default 1000: one that a close frame can carry (RFC 6455, section 7.4), 1000 to 1003, 1007
   * to 1014 or 3000 to 4999; `reason`, default none, cut to 123 bytes
   * @throws TypeError (with a `code`) for another code, or a reason that is no string
   */
  disconnect(client: WebSocket, options: { code?: number; reason?: string } = {}): void {
    const frame = checkCloseFrame(options);
    const connection = this.connectionOf(client, 'disconnect');
    if (connection?.isOpen) this.evictor.evict(connection, 'requested', frame);
  }

  /**
   * Monitors a plain `ws` server that no gateway has, and the clients it has already. Of those whose
   * handshake was not seen only messages and pongs count as life: watch a server before it listens.
   *
   * @param options what differs from the module's options; `name`, default `'watched'`, is what `snapshot()` and
   * `Liveness.gateways` show, with `-2` at its end where it is taken
   * @returns a function that undoes it: no open client of the server is tracked any longer (`unwatched`), none is
   * closed; a client that is closing is tracked until it has closed
   * @throws HeartbeatOptionsError for options that `forRoot()` would refuse, what is no `ws` server, and
   * one that is monitored already
   * @throws HeartbeatShutdownError after shutdown
   */
  watch(server: WebSocketServer, options: HeartbeatOptions & { name?: string } = {}): () => void {
    this.refuseAfterShutdown('watch');
    if (typeof (server as WebSocketServer | undefined)?.handleUpgrade !== 'function') {
      throw new HeartbeatOptionsError(optionsErrors.notAServer());
    }
    if (this.connections.isAttached(server))
      throw new HeartbeatOptionsError(optionsErrors.alreadyWatched());
    const { name, policy } = resolveWatch(modulePolicy(this.options), options);
    const monitored = new MonitoredServer([{ name: this.connections.freeName(name) }], policy);
    this.scheduler.fit(monitored.detectorPolicy);
    this.connections.attach(server, monitored, new PreInitConnections().of(server));
    return () => {
      if (this.connections.isMonitoredBy(server, monitored)) this.connections.detach(server);
    };
  }

  /**
   * Closes all clients with 1012, spread over a window, as shutdown does. Final: new clients are closed from now on,
   * and every further call returns the promise of the first.
   *
   * It ends when no connection is left and the promises of `handleEvict()` are settled, at the latest `within` + `closeTimeout`
   * after its start: then the rest is terminated, and promises that are pending are logged and not waited for.
   *
   * @param options `within`: the window in ms, default that of the module
   * @throws HeartbeatOptionsError for a window that is no number of ms from 0 on
   */
  drain(options: DrainOptions = {}): Promise<DrainReport> {
    return this.drainer.start(resolveDrain(options, this.options.drain || undefined));
  }

  /** Everything at one moment: for health checks and metrics. Counts all clients, so not for every request. */
  snapshot(): HeartbeatSnapshot {
    const { clock, tick } = this.detector;
    const { counts } = this.evictor;
    return Object.freeze({
      at: Date.now(),
      tick,
      loopDelay: clock.delay,
      lastTickAt: this.scheduler.lastTickAt,
      draining: this.drainer.isDraining,
      totals: Object.freeze({
        ...this.connections.totals,
        suppressed: this.looks.suppressed,
        stalls: clock.stalls,
        evicted: Object.freeze({ ...counts }),
      }),
      servers: Object.freeze(this.serverSnapshots()),
    });
  }

  private serverSnapshots(): ServerSnapshot[] {
    const byServer = new Map(
      this.connections.servers.map(({ name, monitored }) => [
        monitored,
        { name, counts: { alive: 0, suspect: 0, evicted: 0, closed: 0 } },
      ]),
    );
    for (const connection of this.connections.all()) {
      const server = byServer.get(connection.server);
      if (server !== undefined) server.counts[stateOf(connection)]++;
    }
    return [...byServer].map(([{ names: gateways, policy }, { name, counts }]) => {
      const { alive, suspect, evicted } = counts;
      return Object.freeze({ name, gateways, policy, alive, suspect, evicted });
    });
  }

  private *select(
    gateway: Type | string | undefined,
    state: LivenessState | undefined,
  ): IterableIterator<Liveness> {
    for (const connection of this.connections.all()) {
      if (state !== undefined && stateOf(connection) !== state) continue;
      if (gateway !== undefined && !connection.server.serves(gateway)) continue;
      yield snapshotOf(connection, this.detector);
    }
  }

  /** Before the start, and after shutdown, there is no gateway, and no client. */
  private refuseUnknownGateway(gateway: Type | string): void {
    if (!this.lifecycle.isStarted || this.lifecycle.isShutDown) return;
    const servers = this.connections.servers.map(({ monitored }) => monitored);
    if (servers.some((server) => server.serves(gateway))) return;
    const name = typeof gateway === 'function' ? gateway.name : show(gateway);
    const known = servers.flatMap(({ names }) => names);
    throw new HeartbeatOptionsError(optionsErrors.noSuchGateway(name, known));
  }

  /** The connection of a client; `undefined` where it is gone, or we are. */
  private connectionOf(client: WebSocket, method: string): WsConnection | undefined {
    const connection = this.connections.find(client);
    if (connection === undefined && !this.lifecycle.isShutDown && !this.connections.knows(client)) {
      throw new UnknownClientError(method);
    }
    return connection;
  }

  private refuseAfterShutdown(method: string): void {
    if (this.lifecycle.isShutDown) throw new HeartbeatShutdownError(method);
  }
}
