import { MAX_BYTES, type ServerFrame } from '../protocol/frames.js';

/** Reads and writes heartbeat messages as text, which is how a WebSocket of a client hands them over. */
export class ServerFrames {
  readonly #head: string;

  constructor(event: string) {
    this.#head = `{"event":${JSON.stringify(event)}`;
  }

  write(frame: object): string {
    return `${this.#head},"data":${JSON.stringify(frame)}}`;
  }

  /** What the server says with a message, if it is a heartbeat; its `op` may be unknown. */
  read(data: unknown): ServerFrame | undefined {
    if (typeof data !== 'string' || data.length > MAX_BYTES || !data.startsWith(this.#head)) return;
    try {
      const frame = (JSON.parse(data) as { data?: Partial<ServerFrame> | null }).data;
      return typeof frame?.op === 'string' ? (frame as ServerFrame) : undefined;
    } catch {
      return undefined;
    }
  }
}
