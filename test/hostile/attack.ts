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

/** Starts a client in a process of its own that is going to flood the server. */
export async function startFlooder(server: Child, flooding: Flooding): Promise<Child> {
  const url = await server.ask<string>('url');
  return Child.start(FLOODER, { url, ...flooding });
}
