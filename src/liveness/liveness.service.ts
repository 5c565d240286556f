import { Injectable, type Type } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { WebSocket, WebSocketServer } from 'ws';
import { HeartbeatEvents } from '../connections/heartbeat.events.js';
import { PROBE_TIMEOUT } from '../heartbeat.constants.js';
import type { ClosedBy, ClosedConnection } from '../heartbeat.history.interfaces.js';
import type {
  DrainReport,
  EvictionCause,
  HeartbeatEvent,
  Liveness,
  LivenessState,
} from '../heartbeat.interfaces.js';
import type { HeartbeatSnapshot } from '../heartbeat.snapshot.interfaces.js';
import type { DrainOptions, HeartbeatOptions } from '../heartbeat.options.js';
import { ConnectionDrain } from '../lifecycle/connection.drain.js';
import { ClientCommands } from './client.commands.js';
import { ClientQueries } from './client.queries.js';
import { HeartbeatSnapshots } from './heartbeat.snapshots.js';
import { ServerWatcher } from './server.watcher.js';

/**
 * Reads the liveness of clients, and acts on single ones.
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
   * The events of all connections. Hot: a subscriber receives only what happens after it subscribes. Completes on
   * shutdown. An error that a subscriber throws does not reach other subscribers; RxJS rethrows it asynchronously,
   * unless `config.onUnhandledError` of RxJS is set.
   */
  readonly events$: Observable<HeartbeatEvent>;

  /** @internal */
  constructor(
    private readonly queries: ClientQueries,
    private readonly commands: ClientCommands,
    private readonly watcher: ServerWatcher,
    private readonly snapshots: HeartbeatSnapshots,
    private readonly drainer: ConnectionDrain,
    events: HeartbeatEvents,
  ) {
    this.events$ = events.events$;
  }

  /** The number of tracked connections. A connection is tracked from its handshake until its `'close'`. */
  get size(): number {
    return this.queries.size;
  }

  /**
   * The liveness of a client now. After its connection closed, in `handleDisconnect()` already, its last state:
   * `'closed'`, with the `eviction` if there was one, for as long as the client object lives. `undefined` for a
   * client that was never tracked, and for one that is open but no longer watched.
   */
  get(client: WebSocket): Liveness | undefined {
    return this.queries.get(client);
  }

  /** Whether a client is tracked, open and not evicted. A suspect client counts as alive. */
  isAlive(client: WebSocket): boolean {
    return this.queries.isAlive(client);
  }

  /**
   * The tracked clients. Each snapshot is made when the iteration reaches it.
   *
   * @param filter `gateway`: the class of a gateway or its name, or the name of a watched server; `state`: one state
   * @throws HeartbeatOptionsError for a gateway that no monitored server has
   */
  clients(
    filter: { gateway?: Type | string; state?: LivenessState } = {},
  ): IterableIterator<Liveness> {
    return this.queries.clients(filter);
  }

  /**
   * Connections that closed, the newest first: the last 1 000, or as many as the option `history` allows. Also after
   * shutdown.
   *
   * @param filter `gateway`: the class of a gateway or its name, or the name of a watched server; `cause`: why the module
   * closed it; `by`: the side that closed it; `limit`: at most so many
   * @throws HeartbeatOptionsError for a gateway that no monitored server had, and for a limit that is no number from 0
   */
  history(
    filter: { gateway?: Type | string; cause?: EvictionCause; by?: ClosedBy; limit?: number } = {},
  ): ClosedConnection[] {
    return this.queries.history(filter);
  }

  /**
   * Pings a client now and resolves with the round-trip time in ms. A call while a probe of this client is in flight
   * waits for the same answer.
   *
   * @param timeout how long to wait, in ms; default 5 000
   * @throws ProbeTimeoutError (rejects) without an answer in time
   * @throws ClientDisconnectedError (rejects) if the client is disconnected or closing, or disconnects meanwhile
   * @throws UnknownClientError (rejects) for a client that was never tracked
   * @throws HeartbeatOptionsError (rejects) for a timeout that is no positive number
   * @throws HeartbeatShutdownError (rejects) after shutdown
   */
  async probe(client: WebSocket, timeout: number = PROBE_TIMEOUT): Promise<number> {
    return this.commands.probe(client, timeout);
  }

  /**
   * Marks a client as known to the application, which stops its `admissionTimeout`.
   *
   * @param label the application's name for the client, such as a user ID, which `Liveness` then shows. At most 128
   * characters (UTF-16 code units); a longer one is cut, between characters. Without it an earlier label stays.
   * @throws TypeError (with a `code`) for a label that is no string
   */
  admit(client: WebSocket, label?: string): void {
    this.commands.admit(client, label);
  }

  /**
   * Records activity of a client that the application observed outside this connection. It counts as one application
   * message, and proves no round trip.
   */
  touch(client: WebSocket): void {
    this.commands.touch(client);
  }

  /** Stops pings and checks of a client until `resume()`. Does not pause its socket. */
  pause(client: WebSocket): void {
    this.commands.pause(client);
  }

  /** Ends `pause()`. All clocks of the client restart at zero. */
  resume(client: WebSocket): void {
    this.commands.resume(client);
  }

  /**
   * Changes the options of one client from now on. Options that are left out stay as they are.
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
    this.commands.update(client, options);
  }

  /**
   * Closes a client. One that is closing already stays as it is.
   *
   * @param options `code`, default 1000: one that a close frame can carry (RFC 6455, section 7.4), 1000 to 1003, 1007
   * to 1014 or 3000 to 4999; `reason`, default none, cut to 123 bytes
   * @throws TypeError (with a `code`) for another code, or a reason that is no string
   */
  disconnect(client: WebSocket, options: { code?: number; reason?: string } = {}): void {
    this.commands.disconnect(client, options);
  }

  /**
   * Monitors a plain `ws` server that belongs to no gateway, and the clients that are connected to it already. For
   * clients whose handshake it did not see, only messages and pongs are signs of life: watch a server before it listens.
   *
   * @param options options that differ from the module's; `name`, default `'watched'`, is what `snapshot()` and
   * `Liveness.gateways` show, with `-2` at its end where it is taken
   * @returns a function that stops monitoring the server: its open clients are no longer tracked (`unwatched`) and
   * stay open; a client that is closing is tracked until it has closed
   * @throws HeartbeatOptionsError for options that `forRoot()` would refuse, for what is no `ws` server, and for
   * a server that is monitored already
   * @throws HeartbeatShutdownError after shutdown
   */
  watch(server: WebSocketServer, options: HeartbeatOptions & { name?: string } = {}): () => void {
    return this.watcher.watch(server, options);
  }

  /**
   * Closes all clients with 1012, spread over a window, as shutdown does. Final: new clients are closed from now on,
   * and every further call returns the promise of the first.
   *
   * It ends when no connection is left and the promises of `handleEvict()` are settled, at the latest `within` +
   * `closeTimeout` after its start. Then it terminates the remaining connections, and logs and abandons pending
   * promises.
   *
   * @param options `within`: the window in ms, default that of the module
   * @throws HeartbeatOptionsError for a window that is no number of ms from 0 on
   */
  drain(options: DrainOptions = {}): Promise<DrainReport> {
    return this.drainer.startWith(options);
  }

  /** The state of the whole module, for health checks and metrics. It counts all clients at each call. */
  snapshot(): HeartbeatSnapshot {
    return this.snapshots.take();
  }
}
