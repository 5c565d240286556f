import { Child } from '../support/child.js';

export const MIB = 1_048_576;

const SERVER = new URL('./hostile.server.ts', import.meta.url);
const FLOODER = new URL('./flooder.mjs', import.meta.url);

/** What a flooder is told. */
export interface Flooding {
  readonly name: string;
  readonly opcode: number;
  readonly payload?: string;
  readonly isDeaf?: boolean;
}

/** How a close frame reached a flooder. Times are ms since the flood began. */
export interface Closing {
  readonly code: number;
  readonly after: number;
}

/** What came of a flood. */
export interface Flood {
  /** None for one who does not read. */
  readonly closing?: Closing;
  /** How many frames it wrote. */
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
    return new Flooders(await Child.start(FLOODER, { url: await server.ask<string>('url') }));
  }

  /** Connects one and lets it begin. */
  async start(flooding: Flooding): Promise<void> {
    await this.program.ask('connect', flooding);
    await this.program.ask('start', flooding.name);
  }

  /** Waits for the close frame that reaches one. */
  closing(name: string): Promise<Closing> {
    return this.program.ask('closing', name);
  }

  /** Waits until the connection of one is no more. */
  end(name: string): Promise<Flood> {
    return this.program.ask('end', name);
  }

  /** Cuts the connection of one. */
  stop(name: string): Promise<void> {
    return this.program.ask('stop', name);
  }
}
