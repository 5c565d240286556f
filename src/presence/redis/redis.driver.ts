import type { RedisScript } from './redis.script.js';

/** What the store needs of a client, whichever driver it is of. */
export interface RedisDriver {
  /** Distinguishes databases and key prefixes, which channels have in common. */
  readonly scope: string;
  evalSha(sha: string, key: string, args: string[]): Promise<unknown>;
  eval(script: string, key: string, args: string[]): Promise<unknown>;
  /** Opens the connection for subscriptions. */
  subscriber(events: SubscriberEvents): RedisSubscriber;
}

export interface SubscriberEvents {
  onMessage(message: string): void;
  /** It has connected, for the first time or again. */
  onReady(): void;
}

/** A connection for subscriptions. It reconnects and subscribes again by itself, until the driver gives up. */
export interface RedisSubscriber {
  /** Whether the driver has given up. */
  hasEnded(): boolean;
  subscribe(channel: string): Promise<void>;
  close(): void;
}

/** Runs a script by its SHA-1. A store that does not know it, such as after a restart, receives its text. */
export async function runScript(
  driver: RedisDriver,
  script: RedisScript,
  key: string,
  args: string[],
): Promise<unknown> {
  try {
    return await driver.evalSha(script.sha, key, args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return driver.eval(script.text, key, args);
  }
}
