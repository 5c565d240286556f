// Clients without a WebSocket library.
//
// url, name, count: clients 0 to `count` connect to `url` and say that they are `name`-0, `name`-1 …
// every: ms from one connection to the next; 0: many at once
// isDeaf: they answer no ping
// reply: the text with which they answer each text of the server
import { setTimeout as delay } from 'node:timers/promises';
import { answer, settings } from './answers.mjs';
import { frame, open, PING, PONG, TEXT } from './raw-socket.mjs';

const { url, name = 'raw', count = 1, every = 0, isDeaf = false, reply } = settings;
const AT_ONCE = every > 0 ? 1 : 200;

const replyFrame = reply && frame(TEXT, Buffer.from(reply));
const sockets = [];
const lastPing = new Map();
let closed = 0;

/** Who was not pinged yet answers nothing, but is heard all the same. */
function pong(socket) {
  socket.write(frame(PONG, lastPing.get(socket) ?? Buffer.alloc(0)));
}

function hear(opcode, payload, socket) {
  if (opcode === PING) lastPing.set(socket, payload);
  if (opcode === PING && !isDeaf) pong(socket);
  if (opcode === TEXT && replyFrame) socket.write(replyFrame);
}

async function connect(number) {
  const socket = await open(`${url}/?name=${name}-${number}`, hear);
  socket.on('close', () => closed++);
  sockets.push(socket);
}

for (let first = 0; first < count; first += AT_ONCE) {
  const numbers = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => first + i);
  await Promise.all(numbers.map(connect));
  if (every > 0) await delay(every);
}

answer({
  /** How many connections have ended. */
  closed: () => closed,

  /** Answers the last ping of each. */
  pong: () => {
    for (const socket of sockets) if (!socket.destroyed) pong(socket);
  },

  /** Sends the same text from each client, but only the first `bytes` of the frame, if that is said. */
  send: (text, bytes) => {
    for (const socket of sockets) socket.write(frame(TEXT, Buffer.from(text)).subarray(0, bytes));
  },
});
