// Clients without a WebSocket library.
//
// url, name, count: `count` clients connect to `url` with the names `name`-0, `name`-1 …
// every: milliseconds between two connections; 0: many connections at once
// ignoresPings: they do not answer pings
// reply: the text that they send for each text message of the server
import { setTimeout as delay } from 'node:timers/promises';
import { answer, settings } from './answers.mjs';
import { frame, open, PING, PONG, TEXT } from './raw-socket.mjs';

const { url, name = 'raw', count = 1, every = 0, ignoresPings = false, reply } = settings;
/** Number of concurrent connection attempts. */
const CONCURRENCY = every > 0 ? 1 : 200;

const replyFrame = reply && frame(TEXT, Buffer.from(reply));
const sockets = [];
const lastPing = new Map();
let closed = 0;

/** Answers the last ping. Before the first ping it sends an unsolicited pong. */
function pong(socket) {
  socket.write(frame(PONG, lastPing.get(socket) ?? Buffer.alloc(0)));
}

function onFrame(opcode, payload, socket) {
  if (opcode === PING) lastPing.set(socket, payload);
  if (opcode === PING && !ignoresPings) pong(socket);
  if (opcode === TEXT && replyFrame) socket.write(replyFrame);
}

async function connect(number) {
  const socket = await open(`${url}/?name=${name}-${number}`, onFrame);
  socket.on('close', () => closed++);
  sockets.push(socket);
}

for (let first = 0; first < count; first += CONCURRENCY) {
  const numbers = Array.from({ length: Math.min(CONCURRENCY, count - first) }, (_, i) => first + i);
  await Promise.all(numbers.map(connect));
  if (every > 0) await delay(every);
}

answer({
  /** Number of closed connections. */
  closed: () => closed,

  /** Answers the last ping on each open connection. */
  pong: () => {
    for (const socket of sockets) if (!socket.destroyed) pong(socket);
  },

  /** Sends a text from each client: the whole frame, or only its first `bytes` bytes. */
  send: (text, bytes) => {
    for (const socket of sockets) socket.write(frame(TEXT, Buffer.from(text)).subarray(0, bytes));
  },
});
