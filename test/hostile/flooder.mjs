// A client that sends the same frame again and again, as fast as it can, whatever it is told.
//
// url, name: it connects to `url` and says that it is `name`
// opcode, payload: the frame; the payload is a text
// isDeaf: it reads nothing; without it, it reads and does not obey
import { performance } from 'node:perf_hooks';
import { answer, settings } from '../support/programs/answers.mjs';
import { frame, open } from '../support/programs/raw-socket.mjs';

const { url, name, opcode, payload = '', isDeaf = false } = settings;
const CLOSE = 0x8;
const CHUNK = 65_536;

const one = frame(opcode, Buffer.from(payload));
const perChunk = Math.ceil(CHUNK / one.length);
const chunk = Buffer.concat(Array(perChunk).fill(one));

let started;
let frames = 0;
let closing;
let isStopped = false;
const { promise: closed, resolve: reportClosing } = withResolvers();
const { promise: ended, resolve: reportEnd } = withResolvers();

const socket = await open(`${url}/?name=${name}`, (code, data) => {
  if (code !== CLOSE) return;
  closing ??= { code: data.readUInt16BE(0), after: performance.now() - started };
  reportClosing(closing);
});
if (isDeaf) socket.pause();
socket.on('close', () => reportEnd({ closing, frames, after: performance.now() - started }));

function pour() {
  if (socket.destroyed || isStopped) return;
  frames += perChunk;
  socket.write(chunk, (error) => error || setImmediate(pour));
}

function withResolvers() {
  const both = {};
  both.promise = new Promise((resolve) => (both.resolve = resolve));
  return both;
}

answer({
  start: () => {
    started = performance.now();
    pour();
  },

  /** Waits for the server's close frame. */
  closing: () => closed,

  /** Waits until the connection is no more, and says what came of the flood. */
  end: () => ended,

  stop: () => {
    isStopped = true;
  },
});
