// A TCP proxy that delays each chunk by a random time, in both directions, and keeps the order.
//
// to: the URL of the server
// least, most: limits of the delay, ms
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { answer, settings } from '../support/programs/answers.mjs';

const { to, least, most } = settings;
const { hostname, port } = new URL(to);

/** Forwards the data of one socket to the other. */
function forward(from, target) {
  let last = 0;
  // Timers that are due in the same millisecond can run in another order, so the queue keeps the order.
  const queue = [];
  const delayed = (action) => {
    const now = performance.now();
    last = Math.max(last, now + least + Math.random() * (most - least));
    queue.push(action);
    setTimeout(() => queue.shift()(), last - now);
  };
  from.on('data', (chunk) => delayed(() => target.write(chunk)));
  from.on('error', () => {});
  from.on('close', () => delayed(() => target.destroy()));
}

const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ host: hostname, port: Number(port), noDelay: true });
  forward(near, far);
  forward(far, near);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `ws://127.0.0.1:${server.address().port}`;

answer({ url: () => url });
