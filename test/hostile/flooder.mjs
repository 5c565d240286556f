// Clients that send the same frame as fast as they can and ignore all frames of the server.
//
// url: they connect to `url`
import { answer, settings } from '../support/programs/answers.mjs';
import { frame, open } from '../support/programs/raw-socket.mjs';

const CLOSE = 0x8;
const CHUNK = 65_536;

const flooders = new Map();

/**
 * name: the name that it sends in its URL
 * opcode, payload: the frame; the payload is a text
 * isPaused: it reads nothing; by default it reads, but ignores what it receives
 */
async function connect({ name, opcode, payload = '', isPaused = false }) {
  const one = frame(opcode, Buffer.from(payload));
  const flooder = { perChunk: Math.ceil(CHUNK / one.length), frames: 0, closing: undefined };
  flooder.chunk = Buffer.concat(Array(flooder.perChunk).fill(one));
  const after = () => performance.now() - flooder.started;
  flooder.closed = new Promise((resolve) => (flooder.reportClosing = resolve));
  flooder.socket = await open(`${settings.url}/?name=${encodeURIComponent(name)}`, (code, data) => {
    if (code !== CLOSE) return;
    flooder.closing ??= { code: data.readUInt16BE(0), after: after() };
    flooder.reportClosing(flooder.closing);
  });
  if (isPaused) flooder.socket.pause();
  flooder.ended = new Promise((resolve) => {
    flooder.socket.on('close', () =>
      resolve({ closing: flooder.closing, frames: flooder.frames, after: after() }),
    );
  });
  flooders.set(name, flooder);
}

function pour(flooder) {
  if (flooder.socket.destroyed) return;
  flooder.frames += flooder.perChunk;
  flooder.socket.write(flooder.chunk, (error) => error || setImmediate(pour, flooder));
}

answer({
  connect,

  start: (name) => {
    const flooder = flooders.get(name);
    flooder.started = performance.now();
    pour(flooder);
  },

  /** Waits for the server's close frame. */
  closing: (name) => flooders.get(name).closed,

  /** Waits until the connection has ended. Returns the outcome of the flood. */
  end: (name) => flooders.get(name).ended,

  stop: (name) => {
    flooders.get(name).socket.destroy();
  },
});
