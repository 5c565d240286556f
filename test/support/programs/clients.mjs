// Many healthy `ws` clients in one process.
//
// url, name, count: clients 0 to `count` connect to `url` and say that they are `name`-0, `name`-1 …
// latency: how many ms they take to answer a ping; 0: `ws` answers by itself
// say: { event, data, every }: what they say, once, or again and again every so many ms
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { answer, settings } from './answers.mjs';

const { url, name = 'client', count = 1, latency = 0, say } = settings;
const AT_ONCE = 100;

const clients = [];
const closings = [];
const waiting = new Set();

function changed() {
  for (const check of waiting) check();
}

/** Calls back once something holds. */
function until(holds, callback) {
  const check = () => {
    if (!holds()) return;
    waiting.delete(check);
    callback();
  };
  waiting.add(check);
  check();
}

async function connect(number) {
  const socket = new WebSocket(`${url}/?name=${name}-${number}`, { autoPong: latency === 0 });
  const client = { socket, pings: 0 };
  socket.on('ping', (payload) => {
    client.pings++;
    changed();
    if (latency > 0) setTimeout(() => socket.readyState === 1 && socket.pong(payload), latency);
  });
  socket.on('error', () => {});
  socket.on('close', (code) => {
    closings.push({ code, at: performance.now() });
    changed();
  });
  await once(socket, 'open');
  clients.push(client);
  if (say === undefined) return;
  const speak = () => socket.send(JSON.stringify({ event: say.event, data: say.data }));
  speak();
  if (say.every === undefined) return;
  const timer = setInterval(speak, say.every);
  socket.on('close', () => clearInterval(timer));
}

for (let first = 0; first < count; first += AT_ONCE) {
  const numbers = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => first + i);
  await Promise.all(numbers.map(connect));
}

answer({
  /** The close codes that clients saw. */
  closings: () => closings.map(({ code }) => code),

  /** The same, with the times at which they saw them. */
  ends: () => closings,

  /** Waits until so many clients are closed. */
  untilClosed: (count) =>
    new Promise((resolve) => {
      until(() => closings.length >= count, resolve);
    }),

  /** Says something from each client that is still there. */
  say: (event, data) => {
    for (const { socket } of clients) {
      if (socket.readyState === 1) socket.send(JSON.stringify({ event, data }));
    }
  },

  /** Waits until each client that is still there was pinged so often from now on. */
  untilPinged: (times) => {
    const goals = clients.map((client) => ({ client, pings: client.pings + times }));
    const isDone = () =>
      goals.every(({ client, pings }) => client.pings >= pings || client.socket.readyState > 1);
    return new Promise((resolve) => until(isDone, resolve));
  },
});
