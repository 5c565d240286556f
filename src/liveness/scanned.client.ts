import type { FailureDetector } from '../detector/failure-detector.js';
import { snapshotOf, stateOf } from '../connections/liveness.snapshot.js';
import type { Eviction, Liveness, LivenessState } from '../heartbeat.interfaces.js';
import type { WsConnection } from '../transport/ws.connection.js';

/**
 * A tracked client, read field by field as it is now. A search through all clients reads a few fields of each. A
 * `Liveness` of each would be several times as expensive, because it reads the socket, which is in no processor cache.
 */
export class ScannedClient {
  constructor(
    private readonly connection: WsConnection,
    private readonly detector: FailureDetector<WsConnection>,
  ) {}

  /** `undefined` if the ID was never read, so that it is not known anywhere. */
  get id(): string | undefined {
    return this.connection.knownId;
  }

  get label(): string | undefined {
    return this.connection.label;
  }

  get gateways(): readonly string[] {
    return this.connection.server.names;
  }

  get state(): LivenessState {
    return stateOf(this.connection);
  }

  get eviction(): Eviction | undefined {
    return this.connection.eviction;
  }

  get connectedAt(): number {
    return this.connection.since;
  }

  /** The smoothed round-trip time in ms. */
  get rtt(): number | undefined {
    return this.connection.smoothedRtt;
  }

  /** Reads the socket. */
  get remoteAddress(): string | undefined {
    return this.connection.remoteAddress;
  }

  /** Reads the socket. */
  get bufferedBytes(): number {
    return this.connection.bufferedBytes;
  }

  /** Reads the socket. */
  get silence(): number {
    return this.detector.describe(this.connection).silence;
  }

  /** `silence`, or more, without reading the socket. */
  get longestSilence(): number {
    return this.connection.longestSilence(this.detector.clock);
  }

  liveness(): Liveness {
    return snapshotOf(this.connection, this.detector);
  }
}
