import { Injectable } from '@nestjs/common';
import type { ClosedConnection } from '../heartbeat.history.interfaces.js';
import type { WsConnection } from '../transport/ws.connection.js';

/** Observes the events of all connections. */
export interface ConnectionObserver {
  /** A connection was made. */
  onConnected?(connection: WsConnection): void;
  /** The hello of a client was answered. */
  onHello?(connection: WsConnection): void;
  /** A pong was received that does not answer the heartbeat ping. */
  onUnmatchedPong?(connection: WsConnection, data: Buffer): void;
  /** A round trip was proven, in ms. */
  onRoundTrip?(duration: number): void;
  /** A connection closed. */
  onDisconnected?(connection: WsConnection): void;
  /** What is remembered of a connection that closed. */
  onClosed?(closed: ClosedConnection): void;
  /** A connection is no longer tracked: it closed, or its server is no longer watched. */
  onReleased?(connection: WsConnection): void;
}

/** Passes the events of connections on to all observers. */
@Injectable()
export class ConnectionObservers implements Required<ConnectionObserver> {
  private readonly observers = new Set<ConnectionObserver>();
  /** Those that observe round trips. Most applications have none, and every pong is one. */
  private readonly ofRoundTrips = new Set<ConnectionObserver>();

  /** Returns a function that removes the observer again. */
  add(observer: ConnectionObserver): () => void {
    this.observers.add(observer);
    if (observer.onRoundTrip !== undefined) this.ofRoundTrips.add(observer);
    return () => {
      this.observers.delete(observer);
      this.ofRoundTrips.delete(observer);
    };
  }

  onConnected(connection: WsConnection): void {
    for (const observer of this.observers) observer.onConnected?.(connection);
  }

  onHello(connection: WsConnection): void {
    for (const observer of this.observers) observer.onHello?.(connection);
  }

  onUnmatchedPong(connection: WsConnection, data: Buffer): void {
    for (const observer of this.observers) observer.onUnmatchedPong?.(connection, data);
  }

  onRoundTrip(duration: number): void {
    for (const observer of this.ofRoundTrips) observer.onRoundTrip?.(duration);
  }

  onClosed(closed: ClosedConnection): void {
    for (const observer of this.observers) observer.onClosed?.(closed);
  }

  onDisconnected(connection: WsConnection): void {
    for (const observer of this.observers) observer.onDisconnected?.(connection);
  }

  onReleased(connection: WsConnection): void {
    for (const observer of this.observers) observer.onReleased?.(connection);
  }
}
