// Clients that connect and disconnect, each in one of the ways below.
//
// url: they connect to `url`
import { once } from 'node:events';
import { connect } from 'node:net';
import { answer, settings } from '../support/programs/answers.mjs';
import { frame, open, PING, PONG, TEXT } from '../support/programs/raw-socket.mjs';

const { url } = settings;
const CLOSE = 0x8;
const NORMAL = frame(CLOSE, Buffer.from([0x03, 0xe8]));
const HELLO = frame(
  TEXT,
  Buffer.from('{"event":"heartbeat","data":{"op":"hello","v":1,"interval":1000,"timeout":2000}}'),
);
const ECHO = frame(TEXT, Buffer.from('{"event":"echo"}'));
const PINGS = Buffer.concat(Array(80).fill(frame(PING, Buffer.alloc(0))));

/** Number of clients of a kind that connect at the same time. */
const AT_ONCE = 500;

/** Answers pings and close frames, and calls `act` for each frame received. */
function client(act) {
  return open(url, (opcode, payload, socket) => {
    if (opcode === PING) socket.write(frame(PONG, payload));
    if (opcode === CLOSE) socket.write(frame(CLOSE, payload.subarray(0, 2)));
    act(opcode, socket);
  });
}

function ended(socket) {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.on('close', () => resolve());
  });
}

const WAYS = {
  /** Sends a hello with requested intervals, and closes the connection when that is answered. */
  goodbye: async () => {
    const socket = await client((opcode, raw) => opcode === TEXT && raw.write(NORMAL));
    socket.write(HELLO);
    await ended(socket);
  },

  /** Resets the connection while an answer is in flight. */
  lost: async () => {
    const socket = await client(() => {});
    socket.write(ECHO);
    await new Promise((resolve) => socket.write(PINGS.subarray(0, 7), resolve));
    socket.resetAndDestroy();
  },

  /** Floods, is closed by the server, and completes the closing handshake. */
  flooding: async () => {
    const socket = await client(() => {});
    socket.write(PINGS);
    await ended(socket);
  },

  /** Never answers, and is terminated. */
  dead: async () => {
    await ended(await open(url, () => {}));
  },

  /** Aborts in the middle of the opening handshake. */
  aborted: async () => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    await once(socket, 'connect');
    await new Promise((resolve) => {
      socket.write(`GET / HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: webso`, resolve);
    });
    socket.destroy();
  },
};

async function runClients(way, count) {
  for (let gone = 0; gone < count; gone += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - gone) }, WAYS[way]));
  }
}

answer({
  /** Runs the given number of clients in each way, all ways at the same time. */
  wave: async (counts) => {
    await Promise.all(Object.entries(counts).map(([way, count]) => runClients(way, count)));
  },
});
