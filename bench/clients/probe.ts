// One unrelated client. It measures how long the server takes to answer its messages.
import { setPriority } from 'node:os';
import { DIALECTS, type Dialect, type DialectName } from '../support/dialect.js';
import { open } from '../support/raw.client.js';
import { handleCalls, settings } from '../support/program.js';

export interface ProbeSettings {
  readonly port: number;
  readonly dialect: DialectName;
}

/** Time between two messages in ms. A message does not wait for the answer to the last one. */
const EVERY = 5;
/** The longest wait for the last answers, in ms. */
const PATIENCE = 60_000;

// A high priority keeps the time for which this process waits for a processor out of the figures.
try {
  setPriority(-10);
} catch {
  // A negative nice value needs a privilege.
}

const { port, dialect: name } = settings() as ProbeSettings;
const dialect: Dialect = DIALECTS[name];
/** When each unanswered message was sent. */
const unanswered: number[] = [];
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
    else if (dialect.isAnswer(opcode, payload)) answered(unanswered.shift() ?? NaN);
  },
  dialect.headers,
);
if (dialect.hello !== undefined) socket.write(dialect.hello);
setInterval(() => {
  unanswered.push(performance.now());
  socket.write(dialect.message);
}, EVERY);

function answered(sentAt: number): void {
  if (sentAt >= lastCounted) counted?.();
  else if (sentAt >= firstCounted) latencies.push(performance.now() - sentAt);
}

handleCalls({
  start: () => {
    latencies = [];
    lastCounted = Infinity;
    firstCounted = performance.now();
  },
  /** Returns the latencies in ms of all messages since `start`. */
  stop: (): Promise<number[]> =>
    new Promise((resolve) => {
      lastCounted = performance.now();
      // Answers arrive in order: an answer to a later message means that all earlier ones were answered.
      counted = () => resolve(latencies);
      socket.once('close', () => resolve(latencies));
      if (socket.destroyed) resolve(latencies);
      setTimeout(() => resolve(latencies), PATIENCE);
    }),
});
