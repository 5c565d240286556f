import type { DialectName } from './dialect.js';

/** A server that is measured, and the dialect of its clients. */
export interface Contender {
  readonly name: string;
  readonly program: string;
  readonly dialect: DialectName;
  /** Settings of the program besides `ServerSettings`. */
  readonly settings?: (times: Times) => object;
  /** It takes part only in scenarios that name it. */
  readonly isVariant?: boolean;
  /** It has no heartbeat. The costs of the others are measured over its cost. */
  readonly isBaseline?: boolean;
  /** It runs in Bun instead of Node.js. */
  readonly isBun?: boolean;
  /** The shortest timeout that it supports, in ms. */
  readonly leastTimeout?: number;
}

/** Milliseconds. A client that is silent for `timeout` should be evicted then, or soon after. */
export interface Times {
  readonly interval: number;
  readonly timeout: number;
}

const NEST = { program: 'servers/nest.js', dialect: 'ws' } as const;

export const CONTENDERS = {
  nest: {
    ...NEST,
    name: 'Nest, no heartbeat',
    isBaseline: true,
    settings: () => ({ heartbeat: false }),
  },
  module: {
    ...NEST,
    name: 'Nest, this module',
    settings: ({ interval, timeout }) => ({ heartbeat: { interval, timeout } }),
  },
  'module-imported': {
    ...NEST,
    name: '… with metrics and dashboard, unused',
    isVariant: true,
    settings: ({ interval, timeout }) => ({ heartbeat: { interval, timeout }, operations: true }),
  },
  'nest-loop': { name: 'Nest, README loop', program: 'servers/nest-loop.js', dialect: 'ws' },
  'ws-loop': { name: 'ws, README loop', program: 'servers/ws-loop.js', dialect: 'ws' },
  'ws-timers': { name: 'ws, timer each', program: 'servers/ws-timers.js', dialect: 'ws' },
  'engine.io': { name: 'engine.io', program: 'servers/engine.io.js', dialect: 'engineIo' },
  'graphql-ws': { name: 'graphql-ws', program: 'servers/graphql-ws.js', dialect: 'graphqlWs' },
  'ws-heartbeat': {
    name: 'ws-heartbeat',
    program: 'servers/ws-heartbeat.js',
    dialect: 'wsHeartbeat',
  },
  bun: {
    name: 'Bun, idle timeout',
    program: 'servers/bun.js',
    dialect: 'ws',
    isBun: true,
    leastTimeout: 8_000,
  },
} satisfies Record<string, Contender>;
export type ContenderName = keyof typeof CONTENDERS;

/** The times with which a contender runs: `times`, or the shortest that it supports. */
export function timesOf({ leastTimeout = 0 }: Contender, times: Times): Times {
  return { ...times, timeout: Math.max(times.timeout, leastTimeout) };
}
