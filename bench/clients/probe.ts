// One client that has nothing to do with the others: how long does the server take to answer it?
import { setPriority } from 'node:os';
import { DIALECTS, type Dialect, type DialectName } from '../support/dialect.js';
import { open } from '../support/raw.client.js';
import { answer, settings } from '../support/program.js';

export interface ProbeSettings {
  readonly port: number;
  readonly dialect: DialectName;
}

/** Ms between two messages. None waits for the answer to another: a server that hangs is asked on. */
const EVERY = 5;
/** How long the last answers are waited for, in ms. */
const PATIENCE = 60_000;

// The server is what is measured, not how long this process waits for a processor.
try {
  setPriority(-10);
} catch {
  // Only who may can be so impolite.
}

const { port, dialect: name } = settings() as ProbeSettings;
const dialect: Dialect = DIALECTS[name];
/** When each message was sent that is not answered yet. */
const waiting: number[] = [];
let latencies: number[] = [];
let firstCounted = 0;
let lastCounted = Infinity;
let counted: (() => void) | undefined;

const socket = await open(
  port,
  dialect.path,
  (opcode, payload, socket) => {
    const pong = dialect.pong(opcode, payload);
    if (pong !== undefined) socket.write(pong);
    else if (dialect.isAnswer(opcode, payload)) answered(waiting.shift() ?? NaN);
  },
  dialect.headers,
);
if (dialect.hello !== undefined) socket.write(dialect.hello);
setInterval(() => {
  waiting.push(performance.now());
  socket.write(dialect.message);
}, EVERY);

function answered(sentAt: number): void {
  if (sentAt >= lastCounted) counted?.();
  else if (sentAt >= firstCounted) latencies.push(performance.now() - sentAt);
}

answer({
  start: () => {
    latencies = [];
    lastCounted = Infinity;
    firstCounted = performance.now();
  },
  /** Returns the latencies in ms of all messages since `start`. */
  stop: (): Promise<number[]> =>
    new Promise((resolve) => {
      lastCounted = performance.now();
      // All that were sent until now are answered when one that was sent later is.
      counted = () => resolve(latencies);
      socket.once('close', () => resolve(latencies));
      if (socket.destroyed) resolve(latencies);
      setTimeout(() => resolve(latencies), PATIENCE);
    }),
});
