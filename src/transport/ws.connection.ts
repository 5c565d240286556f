import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { logger } from '../heartbeat.logger.js';
import { escapeText } from '../heartbeat.text.js';
import type { Eviction } from '../heartbeat.interfaces.js';
import type { HeartbeatPolicy } from '../heartbeat.options.js';
import type { ClientOptions } from '../heartbeat.options.resolver.js';
import { ConnectionRecord } from '../detector/connection.record.js';
import type { RecordedConnection } from '../detector/failure-detector.js';
import { RoundTripEstimator } from '../detector/round-trip.estimator.js';
import { MAX_BYTES, type ServerFrame } from '../protocol/frames.js';
import { attempt } from './attempt.js';
import { originOf, type CloseCall, type CloseOrigin } from './close.origin.js';
import type { MonitoredServer } from './monitored.server.js';
import type { PendingMessagePing, PendingPing } from './pending.pings.js';
import { RateLimits, type Counted } from './rate.limits.js';
import { throttleReads } from './read.throttle.js';
import { flushedBytes, waitingBytes } from './socket.queue.js';
import { terminate } from './socket.termination.js';

/** One connection of `ws`: the operations on its socket, and its state. */
export class WsConnection implements RecordedConnection {
  readonly record: ConnectionRecord;
  /** When the client connected, epoch ms. */
  readonly since = Date.now();

  /** Options that differ from those of the server. */
  private own: ClientOptions | undefined;
  private pendingPing: PendingPing | undefined;
  private pendingMessagePing: PendingMessagePing | undefined;
  private currentLabel: string | undefined;
  private currentEviction: Eviction | undefined;
  private wasTerminated = false;
  private origin: CloseOrigin | undefined;
  /** Ping frames sent, less pongs received. */
  private expectedPongs = 0;
  /** The same for pings by message. */
  private expectedMessagePongs = 0;
  /** Real time, whole ms, of the last proven round trip; -1: none. */
  private lastProof = -1;
  private estimator: RoundTripEstimator | undefined;
  private rates: RateLimits | undefined;
  private name: string | undefined;
  private readonly address: string | undefined;

  /** `socket`: the raw socket. If it is unknown, only messages and pongs are signs of life. */
  constructor(
    readonly client: WebSocket,
    private readonly socket: Socket | undefined,
    readonly server: MonitoredServer,
    sequence: number,
  ) {
    this.record = new ConnectionRecord(this, server.detectorPolicy, sequence);
    // A socket forgets the address when it closes, unless it was read before.
    this.address = socket?.remoteAddress;
  }

  get id(): string {
    return (this.name ??= randomUUID());
  }

  /** The address of the client. */
  get remoteAddress(): string | undefined {
    return this.address;
  }

  /** The options that the application set for the connection. */
  get configured(): HeartbeatPolicy {
    return this.own?.configured ?? this.server.policy;
  }

  /** The options that hold for the connection. */
  get options(): HeartbeatPolicy {
    return this.own?.options ?? this.server.policy;
  }

  /** The application's name for the client. */
  get label(): string | undefined {
    return this.currentLabel;
  }

  /** Why the module closes the connection, once it does. */
  get eviction(): Eviction | undefined {
    return this.currentEviction;
  }

  /** Who began to close the connection; `undefined` if nobody did, or it is not known. */
  get closeOrigin(): CloseOrigin | undefined {
    return this.origin;
  }

  get isTerminated(): boolean {
    return this.wasTerminated;
  }

  get roundTrip(): RoundTripEstimator | undefined {
    return this.estimator;
  }

  /** Real ms since the last proven round trip; Infinity before the first. */
  provenSince(real: number): number {
    return this.lastProof < 0 ? Infinity : real - this.lastProof;
  }

  get bytesRead(): number {
    return this.socket?.bytesRead ?? 0;
  }

  get bytesWritten(): number {
    return this.socket?.bytesWritten ?? 0;
  }

  get isReadingPaused(): boolean {
    return this.socket?.isPaused() ?? this.client.isPaused;
  }

  get isOpen(): boolean {
    return this.client.readyState === this.client.OPEN;
  }

  get isClosed(): boolean {
    return this.client.readyState === this.client.CLOSED;
  }

  get bufferedBytes(): number {
    return this.socket === undefined ? this.client.bufferedAmount : waitingBytes(this.socket);
  }

  get bytesFlushed(): number {
    return this.socket === undefined ? -this.client.bufferedAmount : flushedBytes(this.socket);
  }

  get isFlushed(): boolean {
    const { client, socket } = this;
    if (socket === undefined) return client.bufferedAmount === 0;
    // If more is buffered, `ws` has still to compress the rest.
    return client.bufferedAmount <= socket.writableLength && waitingBytes(socket) === 0;
  }

  /** Sets the application's name for the client. */
  setLabel(label: string): void {
    this.currentLabel = label;
  }

  /** Other options apply from now on. The detector has to be updated as well. */
  changeOptions({ configured, options }: ClientOptions): void {
    this.own = { configured, options };
  }

  /** Records why the module closes the connection. */
  markEvicted(eviction: Eviction): void {
    this.currentEviction = eviction;
  }

  /** `close()` or `terminate()` of the client was called, for the first time. */
  onClose(call: CloseCall): void {
    const isReading = this.socket === undefined || this.socket.listenerCount('data') > 0;
    this.origin = originOf(call, isReading);
  }

  /** Sends the heartbeat ping: the pending one again, or a new one. Returns whether it was sent. */
  sendHeartbeatPing(create: () => PendingPing): boolean {
    return this.sendPing((this.pendingPing ??= create()));
  }

  /** Sends a ping frame. Returns whether it was sent. */
  sendPing({ payload }: PendingPing): boolean {
    const isSent = this.attempt('ping()', () => this.client.ping(payload));
    if (isSent) this.expectedPongs++;
    return isSent;
  }

  /** Sends the heartbeat ping by message: the pending one again, or a new one. Returns whether it was sent. */
  sendMessagePing(create: () => PendingMessagePing): boolean {
    const { id } = (this.pendingMessagePing ??= create());
    const rtt = this.roundTrip?.smoothed;
    const rounded = rtt !== undefined && { rtt: Math.round(rtt * 10) / 10 };
    const isSent = this.sendFrame({ op: 'ping', id, now: Date.now(), ...rounded });
    if (isSent) this.expectedMessagePongs++;
    return isSent;
  }

  /** Sends a heartbeat message, if it is short enough to be one. Returns whether it was sent. */
  sendFrame(frame: ServerFrame): boolean {
    const text = this.server.codec?.write(frame);
    return text !== undefined && Buffer.byteLength(text) <= MAX_BYTES && this.sendText(text);
  }

  /** Sends a text message, or bytes as a binary one. Returns whether it was sent. */
  sendText(message: string | Uint8Array): boolean {
    return this.attempt('send()', () => this.client.send(message));
  }

  /** Takes the pending heartbeat ping, if a pong with this payload answers it. */
  takeAnsweredPing(data: Buffer): PendingPing | undefined {
    const { pendingPing } = this;
    if (pendingPing?.isAnsweredBy(data) !== true) return undefined;
    this.pendingPing = undefined;
    return pendingPing;
  }

  /** Takes the pending ping by message, if it has this ID. */
  takeAnsweredMessagePing(id: string): PendingMessagePing | undefined {
    const { pendingMessagePing } = this;
    if (pendingMessagePing?.id !== id) return undefined;
    this.pendingMessagePing = undefined;
    return pendingMessagePing;
  }

  /** A round trip ended at a real time. Returns its duration in ms, rounded as it is stored; NaN if it is unknown. */
  onRoundTrip(duration: number, real: number): number {
    this.lastProof = Math.floor(real);
    if (Number.isNaN(duration)) return NaN;
    if (this.estimator === undefined) this.estimator = new RoundTripEstimator(duration);
    else this.estimator.add(duration);
    return this.estimator.last;
  }

  /** Counts a frame or message of the client. Returns whether it is within the limit. */
  isWithinLimit(kind: Counted, real: number): boolean {
    const { limits } = this.options;
    return !limits || (this.rates ??= new RateLimits()).take(kind, limits, real);
  }

  /** Counts a pong. Returns whether one was expected. */
  takeExpectedPong(): boolean {
    if (this.expectedPongs === 0) return false;
    this.expectedPongs--;
    return true;
  }

  /** Counts the answer to a ping by message. Returns whether one was expected. */
  takeExpectedMessagePong(): boolean {
    if (this.expectedMessagePongs === 0) return false;
    this.expectedMessagePongs--;
    return true;
  }

  /** Begins the closing handshake. */
  close(code: number, reason: string): void {
    this.attempt('close()', () => this.client.close(code, reason));
  }

  /** Stops reading: the first time for a while, the second time for good. */
  throttleReads(): void {
    if (this.client.isPaused) return;
    throttleReads(this.client, (this.rates ??= new RateLimits()).throttle());
  }

  /** Ends the connection without a closing handshake. */
  terminate(): void {
    this.wasTerminated = true;
    terminate(this.client, this.socket, (name, operation) => this.attempt(name, operation));
  }

  private attempt(what: string, operation: () => void): boolean {
    return attempt(operation, (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      logger.debug(`Client ${this.id}: ${what} failed: ${escapeText(reason)}`);
    });
  }
}
