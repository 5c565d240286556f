import type { HeartbeatOptions } from 'nestjs-heartbeat';

export type Transport = 'tcp' | 'tls' | 'unix';
export type Sender = 'server' | 'client';

/** How much is transferred, how fast the path is, and the options that hold meanwhile. */
export interface Pace {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes per second. */
  readonly rate: number;
  readonly options: HeartbeatOptions;
  /** Of the server's compression, 0 to 9. Default 1: random bytes do not get fewer by more of it. */
  readonly effort?: number;
  /** The times that hold under these options. Milliseconds. */
  readonly interval: number;
  readonly timeout: number;
}

/** One transfer between the server and one client. */
export interface Transfer {
  /** Unique among the transfers of a server. */
  readonly id: string;
  readonly pace: Pace;
  readonly transport: Transport;
  readonly compression: boolean;
  readonly sender: Sender;
  /** One message, or as many as it takes of 64 KiB each. All are handed to `send()` at once. */
  readonly messages: 'one' | 'many';
  readonly liveness: 'transport' | 'application';
  /** The server closes the connection right behind what it sends. */
  readonly closes?: boolean;
}

const MIB = 1_048_576;
const MESSAGE = 65_536;

/** 24 MiB at 3 MiB/s: 8 s, twice the timeout. */
export const FAST = pace('fast', 24 * MIB, 3 * MIB, { interval: 1_000, timeout: 4_000 });
/** 16 MiB at 1 MiB/s: 16 s, twice the timeout. */
export const STEADY = pace('steady', 16 * MIB, MIB, { interval: 2_000, timeout: 8_000 });
/** 12 MiB at 2 Mbit/s with the default options: 50 s. */
export const DEFAULTS = pace('defaults', 12 * MIB, 250_000, {});
/** 3 MiB at 64 kB/s: 49 s. */
export const LINK = pace('link', 3 * MIB, 64_000, { interval: 15_000, timeout: 30_000 });

/** The same as `FAST`, without limits. */
export const UNLIMITED = pace('unlimited', FAST.size, FAST.rate, {
  ...FAST.options,
  limits: false,
});
/** The same as `DEFAULTS`, without limits. */
export const DEFAULTS_UNLIMITED = pace('defaults-unlimited', DEFAULTS.size, DEFAULTS.rate, {
  limits: false,
});
/** 80 MiB, which take longer to compress than to send: a second and more. */
export const COMPRESSING = {
  ...pace('compressing', 80 * MIB, 50 * MIB, FAST.options),
  effort: 9,
};

/** Those of the cells. */
export const PACES = [FAST, STEADY, DEFAULTS, LINK];

/** The sizes of the messages of a transfer. */
export function sizesOf({ messages, pace: { size } }: Transfer): number[] {
  return messages === 'one' ? [size] : Array<number>(size / MESSAGE).fill(MESSAGE);
}

/** The path of the gateway that a transfer uses: one per combination of options. */
export function gatewayPath(pace: Pace, liveness: Transfer['liveness']): string {
  return `/${pace.name}-${liveness}`;
}

/** How long a transfer takes if its path is never idle. Milliseconds. */
export function durationOf({ pace: { size, rate } }: Transfer): number {
  return (1_000 * size) / rate;
}

/** One message of the server to a client that reads slowly, over plain TCP. */
export function download(pace: Pace): Transfer {
  return {
    id: `${pace.name}-download`,
    pace,
    transport: 'tcp',
    compression: false,
    sender: 'server',
    messages: 'one',
    liveness: 'transport',
  };
}

export function describeTransfer(transfer: Transfer): string {
  const { pace, transport, compression, sender, messages, liveness } = transfer;
  const deflate = compression ? 'perMessageDeflate' : 'plain';
  return `${pace.name}, ${transport}, ${deflate}, ${sender} sends ${messages}, ${liveness}`;
}

function pace(name: string, size: number, rate: number, options: HeartbeatOptions): Pace {
  const { interval = 25_000, timeout = 45_000 } = options;
  return { name, size, rate, options, interval, timeout };
}
