// A long and uneven way to a server: whatever comes, from either end, arrives later than it came, each piece by
// a random time of its own, and in order.
//
// to: the url of the server
// least, most: ms by which a piece is late
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { answer, settings } from '../support/programs/answers.mjs';

const { to, least, most } = settings;
const { hostname, port } = new URL(to);

/** Passes on what `from` says; what came first arrives first. */
function pass(from, onward) {
  let last = 0;
  // Timers keep no order within a millisecond.
  const queue = [];
  const late = (act) => {
    const now = performance.now();
    last = Math.max(last, now + least + Math.random() * (most - least));
    queue.push(act);
    setTimeout(() => queue.shift()(), last - now);
  };
  from.on('data', (piece) => late(() => onward.write(piece)));
  from.on('error', () => {});
  from.on('close', () => late(() => onward.destroy()));
}

const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ host: hostname, port: Number(port), noDelay: true });
  pass(near, far);
  pass(far, near);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `ws://127.0.0.1:${server.address().port}`;

answer({ url: () => url });
