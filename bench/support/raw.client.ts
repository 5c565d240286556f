import { connect, type Socket } from 'node:net';

/*
 * WebSocket clients by hand (RFC 6455), because what a client costs must not be what is measured: a `ws`
 * client costs as much as a connection of the server does.
 */

export const Opcode = { Text: 0x1, Binary: 0x2, Close: 0x8, Ping: 0x9, Pong: 0xa } as const;

const FINAL = 0x80;
const MASKED = 0x80;
const EMPTY: Buffer = Buffer.alloc(0);

/** A frame as a client sends it: clients must mask, and a mask of zeros leaves the payload as it is. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  if (payload.length > 125) throw new Error('Only short frames');
  const head = Buffer.from([FINAL | opcode, MASKED | payload.length, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** What a client does with the frames of the server. */
export type OnFrame = (opcode: number, payload: Buffer, socket: Socket) => void;

/**
 * Connects, shakes hands and hands out frames, of which only those up to 64 kB are understood.
 * `headers`: lines that the handshake needs besides its own.
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
      unread = handOut(unread, socket, onFrame);
    });
  });
}

/** Answers a close frame, and hands out all others that are there as a whole. Returns the rest. */
function handOut(data: Buffer, socket: Socket, onFrame: OnFrame): Buffer {
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
