import type { EventBody } from '../connections/heartbeat.events.js';
import type { ClosedBy } from '../heartbeat.history.interfaces.js';
import type { Eviction, EvictionCause, Liveness } from '../heartbeat.interfaces.js';

/**
 * How a test decides what happens to the clients of a `LivenessServiceStub`.
 *
 * @publicApi
 */
export interface StubControls {
  /** Calls the hooks of a gateway, such as `handleEvict()`, from now on. */
  callHooksOf(gateway: object): void;
  /** Tracks a client and emits `connected`. The client may be any object. */
  add(client: object, values?: Partial<Liveness>): Liveness;
  /**
   * Changes what is known of a client. No hook is called and no event is emitted.
   *
   * @throws UnknownClientError for a client that was not added
   */
  set(client: object, values: Partial<Liveness>): Liveness;
  /** Makes a client suspect: emits `suspect` and calls `handleSuspect()`. Rejects with what a hook throws. */
  suspect(client: object): Promise<void>;
  /** Makes a suspect client alive: emits `recovered` and calls `handleRecover()`. Rejects with what a hook throws. */
  recover(client: object): Promise<void>;
  /**
   * Evicts a client: emits `evicted` and calls `handleEvict()`, which a dry run does not. Its connection ends with
   * `close()`. Rejects with what a hook throws.
   *
   * @param values what differs from the eviction that the module makes for the cause
   * @throws UnknownClientError (rejects) for a client that was not added
   */
  evict(
    client: object,
    cause: EvictionCause,
    values?: Partial<Omit<Eviction, 'cause' | 'liveness'>>,
  ): Promise<Eviction>;
  /**
   * Ends a connection: emits `disconnected`, and adds it to `history()`.
   *
   * @param how `code` and `reason`: by default those of its eviction, or 1000; `by`: the side that closed it
   * @throws UnknownClientError for a client that was not added
   */
  close(client: object, how?: { code?: number; reason?: string; by?: ClosedBy }): void;
  /** Emits an event as it is, such as `{ type: 'stalled', duration: 5_000 }`. */
  emit(event: EventBody): void;
}
