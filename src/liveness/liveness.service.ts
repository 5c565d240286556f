import { Inject, Injectable, type Type } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { WebSocket, WebSocketServer } from 'ws';
import { ConnectionEvictor } from '../connections/connection.evictor.js';
import { ConnectionTracker } from '../connections/connection.tracker.js';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { snapshotOf } from '../connections/liveness.snapshot.js';
import { EarlyClients } from '../gateway/early.clients.js';
import { GuardedServer } from '../gateway/guarded.server.js';
import type { WsConnection } from '../gateway/ws.connection.js';
import { HEARTBEAT_OPTIONS, PROBE_TIMEOUT } from '../heartbeat.constants.js';
import {
  ClientDisconnectedError,
  HeartbeatOptionsError,
  HeartbeatShutdownError,
  optionsErrors,
  UnknownClientError,
} from '../heartbeat.errors.js';
import type {
  DrainReport,
  GatewaySnapshot,
  HeartbeatEvent,
  HeartbeatSnapshot,
  Liveness,
  LivenessState,
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
  resolvePolicy,
  resolveUpdate,
} from '../heartbeat.options.resolver.js';
import { ConnectionDrain } from '../lifecycle/connection.drain.js';
import { HeartbeatLifecycle } from '../lifecycle/heartbeat.lifecycle.js';
import { HeartbeatScheduler } from '../lifecycle/heartbeat.scheduler.js';
import { LookRunner } from '../lifecycle/look.runner.js';
import { LivenessMonitor } from '../monitor/liveness.monitor.js';
import { LivenessPolicy } from '../monitor/liveness.policy.js';
import { Prober } from './prober.js';

/**
 * Knows who is really there.
 *
 * Methods that take a client throw `UnknownClientError` for one that was never tracked and do nothing for
 * one that is gone, where nothing else is said. After shutdown there are no clients: `get()` and
 * `isAlive()` say so, `probe()`, `watch()` and `update()` fail with `HeartbeatShutdownError`, the rest
 * does nothing.
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
    private readonly tracker: ConnectionTracker,
    private readonly monitor: LivenessMonitor<WsConnection>,
    private readonly evictor: ConnectionEvictor,
    private readonly prober: Prober,
    private readonly scheduler: HeartbeatScheduler,
    private readonly looks: LookRunner,
    private readonly drainer: ConnectionDrain,
    private readonly lifecycle: HeartbeatLifecycle,
    events: HeartbeatEvents,
  ) {
    this.events$ = events.events$;
  }

  /** How many connections are tracked: each from its handshake until its `'close'`. */
  get size(): number {
    return this.tracker.size;
  }

  /** What is known of a client now; `undefined` for one that is not tracked, or no longer. */
  get(client: WebSocket): Liveness | undefined {
    const connection = this.tracker.find(client);
    return connection && snapshotOf(connection, this.monitor);
  }

  /** Whether a client is tracked, open and not evicted. A suspect counts as alive. */
  isAlive(client: WebSocket): boolean {
    const connection = this.tracker.find(client);
    return connection !== undefined && connection.isOpen && connection.state !== 'evicted';
  }

  /**
   * The tracked clients, one snapshot at a time.
   *
   * @param filter of one gateway, by its class or the name of its class; in one state
   */
  *clients(
    filter: { gateway?: Type | string; state?: LivenessState } = {},
  ): IterableIterator<Liveness> {
    const { gateway, state } = filter;
    for (const connection of this.tracker.all()) {
      if (state !== undefined && connection.state !== state) continue;
      if (gateway !== undefined && !connection.server.serves(gateway)) continue;
      yield snapshotOf(connection, this.monitor);
    }
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

  /** The application knows who this client is: `admissionTimeout` no longer runs. */
  admit(client: WebSocket): void {
    const connection = this.connectionOf(client, 'admit');
    if (connection !== undefined) connection.admitted = true;
  }

  /**
   * The application vouches for a client that it heard of on another way: as good as one application
   * message. Proves no round trip.
   */
  touch(client: WebSocket): void {
    const connection = this.connectionOf(client, 'touch');
    if (connection !== undefined) this.monitor.active(connection);
  }

  /** No pings and no verdicts for this client until `resume()`. Its socket is left alone. */
  pause(client: WebSocket): void {
    const connection = this.connectionOf(client, 'pause');
    if (connection !== undefined) this.monitor.pause(connection);
  }

  /** Ends `pause()`: all clocks of the client start from zero. */
  resume(client: WebSocket): void {
    const connection = this.connectionOf(client, 'resume');
    if (connection?.paused) this.monitor.resume(connection);
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
    const { server } = connection;
    connection.options = resolveUpdate(connection.options, options, 'update()', server.policy);
    const policy = new LivenessPolicy(connection.options);
    this.scheduler.fit(policy);
    this.monitor.update(connection, policy);
  }

  /**
   * Closes a client with 1000. One that is being closed already stays as it is.
   *
   * @param reason sent with the close frame, cut to 123 bytes
   * @throws TypeError for a reason that is no text
   */
  disconnect(client: WebSocket, reason?: string): void {
    if (reason !== undefined && typeof reason !== 'string') {
      throw new TypeError('disconnect() takes a text as its reason, or none.');
    }
    const connection = this.connectionOf(client, 'disconnect');
    if (connection?.isOpen) this.evictor.evict(connection, 'requested', reason);
  }

  /**
   * Guards a plain `ws` server that no gateway has, and the clients it has already. Of those whose
   * handshake was not seen only messages and pongs count as life: watch a server before it listens.
   *
   * @param options what differs from the module's options
   * @returns what undoes it: no client of the server is tracked any longer, none is closed
   * @throws HeartbeatOptionsError for options that `forRoot()` would refuse, what is no `ws` server, and
   * one that is guarded already
   * @throws HeartbeatShutdownError after shutdown
   */
  watch(server: WebSocketServer, options: HeartbeatOptions = {}): () => void {
    this.refuseAfterShutdown('watch');
    if (typeof (server as WebSocketServer | undefined)?.handleUpgrade !== 'function') {
      throw new HeartbeatOptionsError(optionsErrors.notAServer());
    }
    if (this.tracker.isAttached(server))
      throw new HeartbeatOptionsError(optionsErrors.alreadyWatched());
    const policy = resolvePolicy(modulePolicy(this.options), options, 'watch()');
    const guarded = new GuardedServer([{ name: 'watched server' }], policy);
    this.scheduler.fit(guarded.judged);
    this.tracker.attach(server, guarded, new EarlyClients().of(server));
    return () => {
      if (this.tracker.isGuardedBy(server, guarded)) this.tracker.detach(server);
    };
  }

  /**
   * Lets all clients leave, as shutdown does. Final: new clients are turned away from now on, and every
   * further call returns the promise of the first.
   *
   * @throws HeartbeatOptionsError for a window that is no number of ms from 0 on
   */
  drain(options: DrainOptions = {}): Promise<DrainReport> {
    return this.drainer.start(resolveDrain(options, this.options.drain || undefined));
  }

  /** Everything at one moment: for health checks and metrics. Counts all clients, so not for every request. */
  snapshot(): HeartbeatSnapshot {
    const { clock, tick } = this.monitor;
    const { counts } = this.evictor;
    return Object.freeze({
      at: Date.now(),
      tick,
      loopDelay: clock.delay,
      draining: this.drainer.isDraining,
      totals: Object.freeze({
        ...this.tracker.totals,
        suppressed: this.looks.suppressed,
        stalls: clock.stalls,
        evicted: Object.freeze({ ...counts }),
      }),
      gateways: Object.freeze(this.gatewaySnapshots()),
    });
  }

  private gatewaySnapshots(): GatewaySnapshot[] {
    const byServer = new Map(
      this.tracker.guarded.map((server): [GuardedServer, Record<LivenessState, number>] => [
        server,
        { alive: 0, suspect: 0, evicted: 0 },
      ]),
    );
    for (const { server, state } of this.tracker.all()) {
      const counts = byServer.get(server);
      if (counts !== undefined) counts[state]++;
    }
    return [...byServer].flatMap(([{ gateways, policy }, counts]) =>
      gateways.map(({ name }) => Object.freeze({ name, policy, ...counts })),
    );
  }

  /** The connection of a client; `undefined` where it is gone, or we are. */
  private connectionOf(client: WebSocket, method: string): WsConnection | undefined {
    const connection = this.tracker.find(client);
    if (connection === undefined && !this.lifecycle.isShutDown && !this.tracker.knows(client)) {
      throw new UnknownClientError(method);
    }
    return connection;
  }

  private refuseAfterShutdown(method: string): void {
    if (this.lifecycle.isShutDown) throw new HeartbeatShutdownError(method);
  }
}
