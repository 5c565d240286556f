// A client on a slow link. It sends one large frame in chunks, and cannot answer a ping until the frame is sent,
// because its pong waits behind the frame.
//
// url, name: it connects to `url` with the name `name`
// size, rate: bytes of the frame, bytes per second
import { setTimeout as delay } from 'node:timers/promises';
import { answer, settings } from './answers.mjs';
import { BINARY, frame, header, open, PING, PONG } from './raw-socket.mjs';

const { url, name, size, rate } = settings;
const CHUNK = 32_768;

let isUploading = false;
let closed = false;
const waiting = [];

const socket = await open(`${url}/?name=${name}`, (opcode, payload, raw) => {
  if (opcode !== PING) return;
  const pong = frame(PONG, payload);
  if (isUploading) waiting.push(pong);
  else raw.write(pong);
});
socket.on('close', () => (closed = true));

answer({
  /** Sends the frame. Returns the duration, the number of pings meanwhile, and whether the server closed the connection. */
  upload: async () => {
    isUploading = true;
    const start = performance.now();
    socket.write(header(BINARY, size));
    for (let sent = 0; sent < size && !closed; sent += CHUNK) {
      socket.write(Buffer.alloc(Math.min(CHUNK, size - sent)));
      await delay(Math.max(0, start + (1_000 * (sent + CHUNK)) / rate - performance.now()));
    }
    isUploading = false;
    for (const pong of waiting) socket.write(pong);
    return { duration: performance.now() - start, pings: waiting.length, closed };
  },
  closed: () => closed,
});
