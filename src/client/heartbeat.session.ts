import { VERSION, type ServerFrame } from '../protocol/frames.js';
import { closeEvent } from './close.event.js';
import type { ClientHeartbeat, HeartbeatState, WithHeartbeatOptions } from './heartbeat.socket.js';
import { watchPage } from './page.signals.js';
import { ServerFrames } from './server.frames.js';
import { SilenceJudge } from './silence.judge.js';
import { CLOSED, OPEN, type MessageLike, type WebSocketLike } from './web-socket.js';

/** The socket as its base class has it, whatever a subclass makes of these. */
export interface NativeSocket {
  readyState(): number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Ends a question of ours: with the server's clock where it answered. */
type Settle = (now?: number) => void;

/**
 * The heartbeat of one socket: it listens first, and keeps from others what is not for them. Its private
 * members have names that a minifier can shorten: every byte of this travels to every page.
 */
export class HeartbeatSession implements ClientHeartbeat {
  state: HeartbeatState = 'plain';
  id: string | undefined;
  rtt: number | undefined;
  offset: number | undefined;

  /** The close event by which we ended it. What the network says of it later is nobody's business. */
  #ending: Event | undefined;
  #heardAt = performance.now();
  #greetedAt = 0;
  #isStranger = false;
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #questions = new Map<string, Settle>();
  readonly #frames: ServerFrames;
  readonly #judge: SilenceJudge;
  readonly #leavePage: () => void;
  readonly #socket: WebSocketLike;
  readonly #native: NativeSocket;
  readonly #probeTimeout: number;

  constructor(socket: WebSocketLike, native: NativeSocket, options: WithHeartbeatOptions) {
    this.#socket = socket;
    this.#native = native;
    this.#probeTimeout = options.probeTimeout ?? 5_000;
    this.#frames = new ServerFrames(options.event ?? 'heartbeat');
    this.#judge = new SilenceJudge(
      {
        ask: () => this.#ask(),
        suspect: () => this.#become('suspect'),
        condemn: () => {
          this.#become('dead');
          // 1006 is what the network would say; 4408 is what we may send, should it still arrive.
          this.end(1006, 'heartbeat timeout', 4408);
        },
      },
      this.#probeTimeout,
    );
    this.#leavePage = watchPage((type) => {
      if (type !== 'freeze') this.#judge.ask();
      else if (options.closeOnFreeze ?? this.id !== undefined) this.end(4410, 'page frozen');
    });
    this.#listen('open', () => this.#greet(options));
    this.#listen('message', (event) => this.#receive(event));
    this.#listen('error', () => {});
    this.#listen('close', () => this.#settle());
  }

  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  get silence(): number {
    return performance.now() - this.#heardAt;
  }

  serverNow(): number {
    return Date.now() + (this.offset ?? 0);
  }

  probe(timeout = this.#probeTimeout): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (code: string, text: string) =>
        reject(Object.assign(new Error(text), { code: `HEARTBEAT_${code}` }));
      if (this.#isStranger || !this.#isOpen) {
        return fail('UNAVAILABLE', 'Not open, or no heartbeats there');
      }
      const settle = this.#ask((roundTrip) => {
        clearTimeout(timer);
        if (roundTrip !== undefined) resolve(roundTrip);
        else fail('PROBE_TIMEOUT', `No answer within ${timeout} ms`);
      });
      const timer = setTimeout(settle, timeout);
    });
  }

  /** Ends the connection for everybody here at once; the network may take its time. */
  end(code: number, reason: string, sent = code): void {
    if (this.isOver || this.#native.readyState() === CLOSED) return;
    const ending = (this.#ending = closeEvent(code, reason));
    try {
      // Some fire their own events from inside.
      this.#native.close(sent, reason);
    } catch (error) {
      this.#ending = undefined;
      throw error;
    }
    this.#socket.dispatchEvent(ending);
  }

  get #isOpen(): boolean {
    return !this.isOver && this.#native.readyState() === OPEN;
  }

  #listen(type: string, listener: (event: MessageLike) => void): void {
    this.#socket.addEventListener(type, (event) => {
      if (this.isOver && event !== this.#ending) (event as MessageLike).stopImmediatePropagation();
      else listener(event as MessageLike);
    });
  }

  #greet(options: WithHeartbeatOptions): void {
    const { hello = true, helloTimeout = 10_000, interval, timeout } = options;
    this.#heardAt = this.#greetedAt = performance.now();
    this.#isStranger = !hello;
    if (!hello) return;
    this.#tell({ op: 'hello', v: VERSION, interval, timeout });
    this.#helloTimer = setTimeout(() => (this.#isStranger = true), helloTimeout);
  }

  #receive(event: MessageLike): void {
    this.#heardAt = performance.now();
    if (this.state === 'suspect') this.state = 'alive';
    this.#judge.heard();
    const frame = this.#frames.read(event.data);
    if (frame !== undefined && this.#take(frame)) event.stopImmediatePropagation();
  }

  /** Returns whether the frame is for us. A server that never welcomed us may use our event for its own. */
  #take(frame: ServerFrame): boolean {
    const answered = frame.op === 'pong' ? this.#questions.get(frame.id) : undefined;
    // An echo of our own has no id.
    if (frame.op === 'hello' && frame.id && this.#helloTimer) this.#welcome(frame);
    else if (frame.op === 'pong' && answered) answered(frame.now);
    else if (this.id === undefined) return false;
    else if (frame.op === 'ping') {
      this.#tell({ op: 'pong', id: frame.id });
      this.#beat(frame.rtt ?? this.rtt, frame.now);
    } else if (frame.op === 'drain') this.#dispatch('drain', frame);
    return true;
  }

  #welcome({ id, interval, timeout, now }: ServerFrame & { op: 'hello' }): void {
    clearTimeout(this.#helloTimer);
    this.#isStranger = false;
    this.id = id;
    this.state = 'alive';
    this.#judge.start(interval, timeout);
    this.#beat(performance.now() - this.#greetedAt, now);
  }

  /** `now`: the server's clock, half a round trip ago. */
  #beat(rtt: number | undefined, now: number): void {
    this.rtt = rtt;
    this.offset = now + (rtt ?? 0) / 2 - Date.now();
    this.#dispatch('beat', { rtt, offset: this.offset });
  }

  /** Returns what gives the question up. */
  #ask(done?: (roundTrip?: number) => void): () => void {
    const id = Math.random().toString(36).slice(2);
    const at = performance.now();
    const settle: Settle = (now) => {
      this.#questions.delete(id);
      const roundTrip = now && performance.now() - at;
      done?.(roundTrip);
      if (now) this.#beat(roundTrip, now);
    };
    this.#questions.set(id, settle);
    this.#tell({ op: 'ping', id });
    return settle;
  }

  #tell(frame: object): void {
    if (this.#isOpen) this.#native.send(this.#frames.write(frame));
  }

  #become(state: 'suspect' | 'dead'): void {
    this.state = state;
    this.#dispatch(state, { silence: this.silence });
  }

  #dispatch(name: string, detail: object): void {
    this.#socket.dispatchEvent(Object.assign(new Event(`heartbeat:${name}`), detail));
  }

  /** The connection is closed: nothing of ours stays behind. */
  #settle(): void {
    if (this.id !== undefined) this.state = 'dead';
    this.#leavePage();
    this.#judge.stop();
    clearTimeout(this.#helloTimer);
    for (const settle of this.#questions.values()) settle();
  }
}
