// Many clients that answer pings, and some that chat. Settings: see `CrowdSettings`.
import type { Socket } from 'node:net';
import { open } from '../support/raw.client.js';
import { DelayLine } from '../support/delay.line.js';
import { DIALECTS, type Dialect, type DialectName } from '../support/dialect.js';
import { answer, settings } from '../support/program.js';

export interface CrowdSettings {
  readonly port: number;
  readonly dialect: DialectName;
  readonly clients: number;
  /** Ms between two heartbeats of a client whose dialect has them. */
  readonly interval: number;
  /** Pongs leave so many ms after the ping came, at least and at most. */
  readonly pongAfter: readonly [number, number];
  /** Which share of the clients chats, and how many ms are between two messages of one. */
  readonly chatting: number;
  readonly chatEvery: number;
}

export interface CrowdCounts {
  open: number;
  closed: number;
  /** Pings of the server that were answered, or heartbeats of clients that were. */
  cycles: number;
  pings: number;
  /** Messages that were answered. */
  answers: number;
  /** By how many ms a pong left too late, at worst, because the clients had no processor. */
  lateness: number;
}

/** How many clients connect at a time. */
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

function hear(opcode: number, payload: Buffer, socket: Socket): void {
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
  const socket = await open(port, dialect.path, hear, dialect.headers);
  if (dialect.hello !== undefined) socket.write(dialect.hello);
  counts.open++;
  socket.on('close', () => {
    counts.open--;
    counts.closed++;
  });
  return socket;
}

/** Each client says the same once in so many ms, at a phase of its own. */
function repeat(who: readonly Socket[], frame: Buffer, every: number): void {
  const line = new DelayLine<Socket>(every, (socket) => {
    if (!socket.writable) return;
    line.put(socket, every);
    socket.write(frame);
  });
  for (const socket of who) line.put(socket, Math.random() * every);
}

const sockets: Socket[] = [];
let wanted = clients;
await Promise.all(
  Array.from({ length: AT_A_TIME }, async () => {
    while (wanted-- > 0) sockets.push(await connect());
  }),
);
if (dialect.beat !== undefined) repeat(sockets, dialect.beat, interval);
repeat(sockets.slice(0, Math.round(clients * chatting)), dialect.message, chatEvery);

answer({
  counts: () => ({ ...counts, lateness: pongs.lateness }),
  /** Returns as soon as a ping comes. */
  nextPing: () => new Promise<void>((resolve) => (pinged = resolve)),
  /** Each client says something, once. */
  say: () => {
    for (const socket of sockets) socket.write(dialect.message);
  },
  /** All clients hang up. */
  leave: async () => {
    for (const socket of sockets) socket.destroy();
    while (counts.open > 0) await new Promise((resolve) => setImmediate(resolve));
  },
});
