// A minimal WebSocket client (RFC 6455), for behaviour that libraries do not permit, and for large numbers of clients.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { splitUrl } from './address.mjs';

export const TEXT = 0x1;
export const BINARY = 0x2;
export const PING = 0x9;
export const PONG = 0xa;

const FINAL = 0x80;
const MASKED = 0x80;
/** Clients must mask. A mask of zeros leaves the payload unchanged. */
const MASK = Buffer.alloc(4);

/** The header of a client frame. */
export function header(opcode, length) {
  if (length < 126) return Buffer.concat([Buffer.of(FINAL | opcode, MASKED | length), MASK]);
  const start = Buffer.alloc(10);
  start.writeUInt8(FINAL | opcode, 0);
  start.writeUInt8(MASKED | 127, 1);
  start.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([start, MASK]);
}

export function frame(opcode, payload) {
  return Buffer.concat([header(opcode, payload.length), payload]);
}

/**
 * Connects, completes the opening handshake, and calls `onFrame` with each frame of the server and its socket. Frames
 * above 64 KiB are not supported.
 */
export async function open(url, onFrame) {
  const { protocol, address, target } = splitUrl(url);
  const isSecure = protocol === 'wss:';
  const connect = isSecure ? connectTls : connectTcp;
  const socket = connect({ ...address, noDelay: true });
  socket.on('error', () => {});
  await once(socket, isSecure ? 'secureConnect' : 'connect');
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  await new Promise((resolve, reject) => {
    let unread = Buffer.alloc(0);
    let isOpen = false;
    socket.on('close', () => reject(new Error('The server refused the handshake')));
    socket.on('data', (data) => {
      unread = unread.length === 0 ? data : Buffer.concat([unread, data]);
      if (!isOpen) {
        const end = unread.indexOf('\r\n\r\n');
        if (end < 0) return;
        isOpen = true;
        unread = unread.subarray(end + 4);
        resolve();
      }
      unread = readFrames(unread, (opcode, payload) => onFrame(opcode, payload, socket));
    });
  });
  return socket;
}

function readFrames(data, onFrame) {
  while (data.length >= 2) {
    const isLong = data[1] === 126;
    const start = isLong ? 4 : 2;
    if (data.length < start) break;
    const end = start + (isLong ? data.readUInt16BE(2) : data[1]);
    if (data.length < end) break;
    onFrame(data[0] & 0xf, data.subarray(start, end));
    data = data.subarray(end);
  }
  return data;
}
