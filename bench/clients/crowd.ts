// Many clients that answer pings. Some of them chat. Settings: see `CrowdSettings`.
import type { Socket } from 'node:net';
import { open } from '../support/raw.client.js';
import { DelayLine } from '../support/delay.line.js';
import { DIALECTS, type Dialect, type DialectName } from '../support/dialect.js';
import { handleCalls, settings } from '../support/program.js';

export interface CrowdSettings {
  readonly port: number;
  readonly dialect: DialectName;
  readonly clients: number;
  /** Time between two heartbeats of a client whose dialect has them, in ms. */
  readonly interval: number;
  /** The shortest and the longest delay between a ping and its pong, in ms. */
  readonly pongAfter: readonly [number, number];
  /** The share of the clients that chat. */
  readonly chatting: number;
  /** Time between two messages of a chatting client, in ms. */
  readonly chatEvery: number;
}

export interface CrowdCounts {
  open: number;
  closed: number;
  /** Answered pings of the server, or answered heartbeats of clients. */
  cycles: number;
  pings: number;
  /** Answered messages. */
  answers: number;
  /** The largest delay of a pong that was caused by a lack of processor time, in ms. */
  lateness: number;
}

/** Clients that connect at the same time. */
const AT_A_TIME = 64;

const {
  port,
  dialect: name,
  clients,
  interval,
  pongAfter: [soonest, latest],
  chatting,
  chatEvery,
} = settings() as CrowdSettings;
const dialect: Dialect = DIALECTS[name];
const counts: CrowdCounts = { open: 0, closed: 0, cycles: 0, pings: 0, answers: 0, lateness: 0 };
let pinged: (() => void) | undefined;

const pongs = new DelayLine<{ socket: Socket; frame: Buffer }>(latest, ({ socket, frame }) => {
  if (!socket.writable) return;
  socket.write(frame);
  counts.cycles++;
});

function onFrame(opcode: number, payload: Buffer, socket: Socket): void {
  const pong = dialect.pong(opcode, payload);
  if (pong !== undefined) {
    counts.pings++;
    pongs.put({ socket, frame: pong }, soonest + Math.random() * (latest - soonest));
    pinged?.();
  } else if (dialect.isAnswer(opcode, payload)) {
    counts.answers++;
    if (dialect.beat !== undefined) counts.cycles++;
  }
}

async function connect(): Promise<Socket> {
  const socket = await open(port, dialect.path, onFrame, dialect.headers);
  if (dialect.hello !== undefined) socket.write(dialect.hello);
  counts.open++;
  socket.on('close', () => {
    counts.open--;
    counts.closed++;
  });
  return socket;
}

/** Each client sends the same frame every `every` ms, at its own phase. */
function repeat(clients: readonly Socket[], frame: Buffer, every: number): void {
  const line = new DelayLine<Socket>(every, (socket) => {
    if (!socket.writable) return;
    line.put(socket, every);
    socket.write(frame);
  });
  for (const socket of clients) line.put(socket, Math.random() * every);
}

const sockets: Socket[] = [];
let remaining = clients;
await Promise.all(
  Array.from({ length: AT_A_TIME }, async () => {
    while (remaining-- > 0) sockets.push(await connect());
  }),
);
if (dialect.beat !== undefined) repeat(sockets, dialect.beat, interval);
repeat(sockets.slice(0, Math.round(clients * chatting)), dialect.message, chatEvery);

handleCalls({
  counts: () => ({ ...counts, lateness: pongs.lateness }),
  /** Returns at the next ping. */
  nextPing: () => new Promise<void>((resolve) => (pinged = resolve)),
  /** Each client sends one message. */
  sendMessage: () => {
    for (const socket of sockets) socket.write(dialect.message);
  },
  /** All clients disconnect. */
  disconnect: async () => {
    for (const socket of sockets) socket.destroy();
    while (counts.open > 0) await new Promise((resolve) => setImmediate(resolve));
  },
});
