import { connect, type Socket } from 'node:net';

/*
 * Minimal WebSocket clients (RFC 6455). A client of `ws` costs as much as the connection of the server that is
 * measured.
 */

export const Opcode = { Text: 0x1, Binary: 0x2, Close: 0x8, Ping: 0x9, Pong: 0xa } as const;

const FINAL = 0x80;
const MASKED = 0x80;
const EMPTY: Buffer = Buffer.alloc(0);

/** Builds a frame of a client. Clients must mask; a mask of zeros leaves the payload unchanged. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  if (payload.length > 125) throw new Error('Only short frames');
  const head = Buffer.from([FINAL | opcode, MASKED | payload.length, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** Handles a frame of the server. */
export type OnFrame = (opcode: number, payload: Buffer, socket: Socket) => void;

/**
 * Opens a connection and passes its frames, of at most 64 kB each, to `onFrame`.
 *
 * @param headers additional header lines of the handshake
 */
export function open(
  port: number,
  path: string,
  onFrame: OnFrame,
  headers: readonly string[] = [],
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let unread: Buffer = EMPTY;
    let isOpen = false;
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The server refused the handshake')));
    socket.on('connect', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n' +
          `${headers.map((line) => `${line}\r\n`).join('')}\r\n`,
      );
    });
    socket.on('data', (data) => {
      unread = unread.length === 0 ? data : Buffer.concat([unread, data]);
      if (!isOpen) {
        const end = unread.indexOf('\r\n\r\n');
        if (end < 0) return;
        isOpen = true;
        unread = unread.subarray(end + 4);
        resolve(socket);
      }
      unread = handleFrames(unread, socket, onFrame);
    });
  });
}

/** Answers a close frame, and passes all other complete frames to `onFrame`. Returns the remaining bytes. */
function handleFrames(data: Buffer, socket: Socket, onFrame: OnFrame): Buffer {
  let start = 0;
  while (data.length - start >= 2) {
    const short = data.readUInt8(start + 1);
    const head = short < 126 ? 2 : 4;
    if (data.length - start < head) break;
    const length = short < 126 ? short : data.readUInt16BE(start + 2);
    const end = start + head + length;
    if (data.length < end) break;
    const opcode = data.readUInt8(start) & 0xf;
    const payload = data.subarray(start + head, end);
    if (opcode === Opcode.Close) socket.end(clientFrame(Opcode.Close, payload.subarray(0, 2)));
    else onFrame(opcode, payload, socket);
    start = end;
  }
  return start === data.length ? EMPTY : data.subarray(start);
}
