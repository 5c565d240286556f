import { Child } from '../support/child.js';

export const MIB = 1_048_576;

const SERVER = new URL('./hostile.server.ts', import.meta.url);
const FLOODER = new URL('./flooder.mjs', import.meta.url);

/** What a flooder sends, and how. */
export interface Flooding {
  readonly name: string;
  readonly opcode: number;
  readonly payload?: string;
  readonly isPaused?: boolean;
}

/** How a close frame reached a flooder. Times are ms since the flood began. */
export interface Closing {
  readonly code: number;
  readonly after: number;
}

/** The outcome of a flood. */
export interface Flood {
  /** Absent if the flooder does not read. */
  readonly closing?: Closing;
  /** Number of frames written. */
  readonly frames: number;
  readonly after: number;
}

/** Starts an application with the module's `options` in a process of its own. */
export function startServer(options: object = {}): Promise<Child> {
  return Child.start(SERVER, options);
}

/** Clients in a process of their own that flood the server. */
export class Flooders {
  private constructor(private readonly program: Child) {}

  static async against(server: Child): Promise<Flooders> {
    return new Flooders(await Child.start(FLOODER, { url: await server.request<string>('url') }));
  }

  /** Connects a flooder and starts its flood. */
  async start(flooding: Flooding): Promise<void> {
    await this.program.request('connect', flooding);
    await this.program.request('start', flooding.name);
  }

  /** Waits for the close frame that the flooder receives. */
  closing(name: string): Promise<Closing> {
    return this.program.request('closing', name);
  }

  /** Waits until the connection of the flooder has ended. */
  end(name: string): Promise<Flood> {
    return this.program.request('end', name);
  }

  /** Destroys the connection of the flooder. */
  stop(name: string): Promise<void> {
    return this.program.request('stop', name);
  }
}
