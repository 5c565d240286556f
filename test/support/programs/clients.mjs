// Many healthy `ws` clients in one process.
//
// url, name, count: `count` clients connect to `url` with the names `name`-0, `name`-1 …
// latency: milliseconds until they answer a ping; 0: `ws` answers at once
// message: { event, data, every }: a message that they send once, or every `every` ms
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { answer, settings } from './answers.mjs';

const { url, name = 'client', count = 1, latency = 0, message } = settings;
/** Number of concurrent connection attempts. */
const CONCURRENCY = 100;

const clients = [];
const closings = [];
const waiting = new Set();

function changed() {
  for (const check of waiting) check();
}

/** Calls back when a condition becomes true. */
function until(condition, callback) {
  const check = () => {
    if (!condition()) return;
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
  if (message === undefined) return;
  const { event, data, every } = message;
  const send = () => socket.send(JSON.stringify({ event, data }));
  send();
  if (every === undefined) return;
  const timer = setInterval(send, every);
  socket.on('close', () => clearInterval(timer));
}

for (let first = 0; first < count; first += CONCURRENCY) {
  const numbers = Array.from({ length: Math.min(CONCURRENCY, count - first) }, (_, i) => first + i);
  await Promise.all(numbers.map(connect));
}

answer({
  /** The close codes that the clients received. */
  closings: () => closings.map(({ code }) => code),

  /** The close codes and their times. */
  ends: () => closings,

  /** Waits until `count` clients are closed. */
  untilClosed: (count) =>
    new Promise((resolve) => {
      until(() => closings.length >= count, resolve);
    }),

  /** Sends a message from each open client. */
  send: (event, data) => {
    for (const { socket } of clients) {
      if (socket.readyState === 1) socket.send(JSON.stringify({ event, data }));
    }
  },

  /** Waits until each open client has received `times` more pings. */
  untilPinged: (times) => {
    const goals = clients.map((client) => ({ client, pings: client.pings + times }));
    const isDone = () =>
      goals.every(({ client, pings }) => client.pings >= pings || client.socket.readyState > 1);
    return new Promise((resolve) => until(isDone, resolve));
  },
});
