import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { logger } from '../heartbeat.logger.js';
import type { HeartbeatClock } from '../heartbeat.clock.js';
import { escapeText } from '../heartbeat.text.js';
import type { Eviction } from '../heartbeat.interfaces.js';
import type { HeartbeatPolicy } from '../heartbeat.options.js';
import { MAX_BYTES, type ServerFrame } from '../protocol/frames.js';
import { attempt } from './attempt.js';
import { ConnectionExtras } from './connection.extras.js';
import { originOf, type CloseCall, type CloseOrigin } from './close.origin.js';
import { MeasuredConnection } from './measured.connection.js';
import type { ConnectionPolicy, MonitoredServer } from './monitored.server.js';
import type { PendingMessagePing, PendingPing } from './pending.pings.js';
import { RateLimits, type Counted } from './rate.limits.js';
import { throttleReads } from './read.throttle.js';
import { flushedBytes, waitingBytes } from './socket.queue.js';
import { terminate } from './socket.termination.js';

/**
 * The wall clock is read relative to this time, epoch ms: V8 stores a number in its field if it is below 2^31, and in a
 * separate object otherwise.
 */
const EPOCH = Math.round(performance.timeOrigin);

/** One connection of `ws`: the operations on its socket, and its state. */
export class WsConnection extends MeasuredConnection<ConnectionPolicy> {
  // Rounded, because V8 takes no difference of two such times for a small whole number.
  private readonly connectedMs: number;
  private pendingPing: PendingPing | undefined;
  /** Ping frames sent, less pongs received. */
  private expectedPongs = 0;
  private extras: ConnectionExtras | undefined;

  /** `socket`: the raw socket. If it is unknown, only messages and pongs are signs of life. */
  constructor(
    readonly client: WebSocket,
    private readonly socket: Socket | undefined,
    policy: ConnectionPolicy,
    sequence: number,
    connectedAt: number,
  ) {
    super(policy, sequence);
    this.connectedMs = Math.round(connectedAt - EPOCH);
    // A socket forgets the address of its client when it closes, unless it was read before.
    void socket?.remoteAddress;
  }

  /** When the client connected, epoch ms. */
  get since(): number {
    return EPOCH + this.connectedMs;
  }

  get id(): string {
    return (this.needExtras().id ??= randomUUID());
  }

  /** The ID, if it was read before. */
  get knownId(): string | undefined {
    return this.extras?.id;
  }

  /** The address of the client. */
  get remoteAddress(): string | undefined {
    return this.socket?.remoteAddress;
  }

  get server(): MonitoredServer {
    return this.policy.server;
  }

  /** The options that hold for the connection. */
  get options(): HeartbeatPolicy {
    return this.policy.options;
  }

  /** The application's name for the client. */
  get label(): string | undefined {
    return this.extras?.label;
  }

  /** Why the module closes the connection, once it does. */
  get eviction(): Eviction | undefined {
    return this.extras?.eviction;
  }

  /** The side that began to close the connection; `undefined` if it is open, or it is not known. */
  get closeOrigin(): CloseOrigin | undefined {
    return this.extras?.origin;
  }

  get isTerminated(): boolean {
    return this.extras?.isTerminated === true;
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
    this.needExtras().label = label;
  }

  /** Records why the module closes the connection. */
  markEvicted(eviction: Eviction): void {
    this.needExtras().eviction = eviction;
  }

  /** `close()` or `terminate()` of the client was called, for the first time. */
  onClose(call: CloseCall): void {
    const isReading = this.socket === undefined || this.socket.listenerCount('data') > 0;
    this.needExtras().origin = originOf(call, isReading);
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
  sendMessagePing(create: () => PendingMessagePing, now: number): boolean {
    const extras = this.needExtras();
    const { id } = (extras.pendingMessagePing ??= create());
    const rtt = this.smoothedRtt;
    const rounded = rtt !== undefined && { rtt: Math.round(rtt * 10) / 10 };
    const isSent = this.sendFrame({ op: 'ping', id, now, ...rounded });
    if (isSent) extras.expectedMessagePongs++;
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
    const { extras } = this;
    const ping = extras?.pendingMessagePing;
    if (extras === undefined || ping?.id !== id) return undefined;
    extras.pendingMessagePing = undefined;
    return ping;
  }

  /** Counts a frame or message of the client. Returns whether it is within the limit. */
  isWithinLimit(kind: Counted, real: number): boolean {
    const { limits } = this.options;
    return !limits || (this.needExtras().rates ??= new RateLimits()).take(kind, limits, real);
  }

  /** Counts a pong. Returns whether one was expected. */
  takeExpectedPong(): boolean {
    if (this.expectedPongs === 0) return false;
    this.expectedPongs--;
    return true;
  }

  /** Counts the answer to a ping by message. Returns whether one was expected. */
  takeExpectedMessagePong(): boolean {
    const { extras } = this;
    if (extras === undefined || extras.expectedMessagePongs === 0) return false;
    extras.expectedMessagePongs--;
    return true;
  }

  /** Begins the closing handshake. */
  close(code: number, reason: string): void {
    this.attempt('close()', () => this.client.close(code, reason));
  }

  /** Stops reading: the first time for a while, the second time for good. */
  throttleReads(clock: HeartbeatClock): void {
    if (this.client.isPaused) return;
    throttleReads(this.client, (this.needExtras().rates ??= new RateLimits()).throttle(), clock);
  }

  /** Ends the connection without a closing handshake. */
  terminate(): void {
    this.needExtras().isTerminated = true;
    terminate(this.client, this.socket, (name, operation) => this.attempt(name, operation));
  }

  private needExtras(): ConnectionExtras {
    return (this.extras ??= new ConnectionExtras());
  }

  private attempt(what: string, operation: () => void): boolean {
    return attempt(operation, (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      logger.debug(`Client ${this.id}: ${what} failed: ${escapeText(reason)}`);
    });
  }
}
