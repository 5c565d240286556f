import { Inject, Injectable } from '@nestjs/common';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from '../heartbeat.clock.js';
import {
  ConnectionObservers,
  type ConnectionObserver,
} from '../connections/connection.observers.js';
import { RoundTrips } from '../connections/round-trips.js';
import { StartContext } from '../connections/start.context.js';
import type { PendingPing } from '../transport/pending.pings.js';
import type { WsConnection } from '../transport/ws.connection.js';
import { ClientDisconnectedError, ProbeTimeoutError } from '../heartbeat.errors.js';

interface Waiter {
  readonly timer: NodeJS.Timeout;
  answered(roundTrip: number): void;
  failed(error: Error): void;
}

/** A ping on demand, and the calls that wait for its answer. */
interface Probe {
  ping: PendingPing;
  readonly waiters: Set<Waiter>;
}

/** Measures round trips on demand. One probe is in flight per client; later calls wait for the same answer. */
@Injectable()
export class Prober implements ConnectionObserver {
  private readonly probes = new Map<WsConnection, Probe>();

  constructor(
    observers: ConnectionObservers,
    private readonly roundTrips: RoundTrips,
    private readonly start: StartContext,
    @Inject(HEARTBEAT_CLOCK) private readonly clock: HeartbeatClock,
  ) {
    observers.add(this);
  }

  /** The number of calls that wait for the answer of a client. */
  waiting(connection: WsConnection): number {
    return this.probes.get(connection)?.waiters.size ?? 0;
  }

  /** Probes a client. Resolves with the round-trip time in ms. */
  probe(connection: WsConnection, timeout: number): Promise<number> {
    if (!connection.isOpen || connection.state === 'evicted') {
      return Promise.reject(new ClientDisconnectedError());
    }
    return new Promise((resolve, reject) => {
      this.start.run(() => this.wait(connection, timeout, resolve, reject));
    });
  }

  onUnmatchedPong(connection: WsConnection, data: Buffer): void {
    const probe = this.probes.get(connection);
    if (!probe?.ping.isAnsweredBy(data)) return;
    const roundTrip = this.roundTrips.prove(connection, probe.ping);
    if (Number.isNaN(roundTrip)) {
      // This process stalled while the ping was in flight, so its round trip is unknown. Ping once more.
      probe.ping = this.roundTrips.sendProbe(connection);
    } else {
      for (const waiter of probe.waiters) waiter.answered(roundTrip);
    }
  }

  onReleased(connection: WsConnection): void {
    const waiters = this.probes.get(connection)?.waiters ?? [];
    for (const waiter of waiters) waiter.failed(new ClientDisconnectedError());
  }

  /** Pings and waits. Runs in the context of the application's start, because it creates a timer. */
  private wait(
    connection: WsConnection,
    timeout: number,
    resolve: (roundTrip: number) => void,
    reject: (error: Error) => void,
  ): void {
    const probe = this.probeOf(connection);
    const leave = () => {
      this.clock.clear(waiter.timer);
      probe.waiters.delete(waiter);
      if (probe.waiters.size === 0) this.probes.delete(connection);
    };
    const failed = (error: Error) => {
      leave();
      reject(error);
    };
    const waiter: Waiter = {
      timer: this.clock.setTimeout(() => failed(new ProbeTimeoutError(timeout)), timeout),
      answered: (roundTrip) => {
        leave();
        resolve(roundTrip);
      },
      failed,
    };
    probe.waiters.add(waiter);
  }

  private probeOf(connection: WsConnection): Probe {
    const running = this.probes.get(connection);
    if (running !== undefined) return running;
    const probe = { ping: this.roundTrips.sendProbe(connection), waiters: new Set<Waiter>() };
    this.probes.set(connection, probe);
    return probe;
  }
}
