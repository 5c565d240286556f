import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { escapeText } from '../heartbeat.text.js';
import type { Eviction } from '../heartbeat.interfaces.js';
import type { HeartbeatPolicy } from '../heartbeat.options.js';
import { ConnectionRecord } from '../detector/connection.record.js';
import { MAX_BYTES, type ServerFrame } from '../protocol/frames.js';
import type { PendingPing, PendingMessagePing } from './ping.payloads.js';
import type { MonitoredServer } from './monitored.server.js';
import { RateLimits, type Counted } from './rate.limits.js';
import { flushedBytes, waitingBytes } from './socket.queue.js';

/**
 * How long a peer that goes on flooding is not read, the first time. What is read at once, 64 KiB, may be
 * 10 000 frames: the time to take them is what it costs everybody else. Milliseconds.
 */
const HOLD = 1_000;

const logger = new Logger('HeartbeatModule');

/** One `ws` client: everything that touches its socket. What is known of it is the record below. */
export class WsConnection extends ConnectionRecord {
  /** When it connected, epoch ms. */
  readonly since = Date.now();
  /** The options that the application set for it. */
  configured: HeartbeatPolicy;
  /** The options that hold for it, from which its policy was made: the client may have negotiated others. */
  options: HeartbeatPolicy;
  /** The ping that is under way. */
  challenge: PendingPing | undefined;
  /** The ping by message that is under way. */
  question: PendingMessagePing | undefined;
  /** The application's name for the client. */
  label: string | undefined;
  /** Why we close it, once we do. */
  eviction: Eviction | undefined;
  /** It was cut off rather than closed. */
  isTerminated = false;

  /** Pings that were sent, less pongs that came; and the same of pings by message. */
  private owedPongs = 0;
  private owedAnswers = 0;
  private wasHeldBack = false;
  private rates: RateLimits | undefined;
  private name: string | undefined;
  private address: string | undefined;

  /** `socket`: the raw socket; where it is not known, messages and pongs are the only signs of life. */
  constructor(
    readonly client: WebSocket,
    private readonly socket: Socket | undefined,
    readonly server: MonitoredServer,
    sequence: number,
  ) {
    super(server.detectorPolicy, sequence);
    this.configured = server.policy;
    this.options = server.policy;
  }

  get id(): string {
    return (this.name ??= randomUUID());
  }

  /** The peer's address: remembered, because a closed socket no longer knows. */
  get remoteAddress(): string | undefined {
    return (this.address ??= this.socket?.remoteAddress);
  }

  override get bytesRead(): number {
    return this.socket?.bytesRead ?? 0;
  }

  override get bytesWritten(): number {
    return this.socket?.bytesWritten ?? 0;
  }

  override get isReadingPaused(): boolean {
    return this.socket?.isPaused() ?? this.client.isPaused;
  }

  override get isOpen(): boolean {
    return this.client.readyState === this.client.OPEN;
  }

  override get isClosed(): boolean {
    return this.client.readyState === this.client.CLOSED;
  }

  override get bufferedBytes(): number {
    return this.socket === undefined ? this.client.bufferedAmount : waitingBytes(this.socket);
  }

  override get bytesFlushed(): number {
    return this.socket === undefined ? -this.client.bufferedAmount : flushedBytes(this.socket);
  }

  override get isFlushed(): boolean {
    const { client, socket } = this;
    if (socket === undefined) return client.bufferedAmount === 0;
    // The rest has not been compressed yet.
    return client.bufferedAmount <= socket.writableLength && waitingBytes(socket) === 0;
  }

  /** Sends a ping frame. Returns whether it could be. */
  ping(challenge: PendingPing): boolean {
    const isSent = this.attempt('ping()', () => this.client.ping(challenge.payload));
    if (isSent) this.owedPongs++;
    return isSent;
  }

  /** Sends a heartbeat message, if it is short enough to be one. Returns whether it was sent. */
  sendFrame(frame: ServerFrame): boolean {
    const text = this.server.codec?.write(frame);
    return text !== undefined && Buffer.byteLength(text) <= MAX_BYTES && this.sendReply(text);
  }

  sendReply(message: string | Uint8Array): boolean {
    return this.attempt('send()', () => this.client.send(message));
  }

  /** Counts what the client sends. Returns whether it may send so many. */
  may(kind: Counted, real: number): boolean {
    const { limits } = this.options;
    return !limits || (this.rates ??= new RateLimits()).take(kind, limits, real);
  }

  /** Counts a pong. Returns whether it was asked for. */
  takeOwedPong(): boolean {
    if (this.owedPongs === 0) return false;
    this.owedPongs--;
    return true;
  }

  /** Counts a ping by message. */
  askedByMessage(): void {
    this.owedAnswers++;
  }

  /** Counts the answer to a ping by message. Returns whether it was asked for. */
  takeOwedAnswer(): boolean {
    if (this.owedAnswers === 0) return false;
    this.owedAnswers--;
    return true;
  }

  /** Begins the closing handshake. */
  close(code: number, reason: string): void {
    this.attempt('close()', () => this.client.close(code, reason));
  }

  /**
   * Stops reading: for a while, as the answer to our close frame may be behind what floods us, and the
   * second time for good. What was read already is handed out all the same.
   */
  throttleReads(): void {
    if (this.client.isPaused) return;
    this.client.pause();
    if (this.wasHeldBack) return;
    this.wasHeldBack = true;
    setTimeout(() => this.client.resume(), HOLD).unref();
  }

  /**
   * Cuts the connection off. A TCP socket is reset, because the kernel would keep a closed one whose peer is
   * unreachable for minutes. No other can be: Node throws for pipes and TLS sockets.
   */
  terminate(): void {
    const { client, socket } = this;
    this.isTerminated = true;
    const isTcp = socket?.remoteFamily !== undefined && !('encrypted' in socket);
    if (isTcp && !socket.destroyed) this.attempt('reset', () => socket.resetAndDestroy());
    this.attempt('terminate()', () => client.terminate());
    if (socket?.destroyed === false) this.attempt('destroy()', () => socket.destroy());
  }

  /**
   * Does something to the socket. Sockets of applications are of many kinds, and what one of them throws must not get
   * in the way of the other connections. Returns whether it threw nothing.
   */
  private attempt(what: string, operation: () => void): boolean {
    try {
      operation();
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.debug(`Client ${this.id}: ${what} failed: ${escapeText(reason)}`);
      return false;
    }
  }
}
