import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { splitUrl } from './programs/address.mjs';

/** Opcodes of RFC 6455, section 5.2. */
export const Opcode = { Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly at: number;
}

/**
 * A WebSocket client on a plain TCP, TLS or Unix socket. It sends only the bytes that the test writes: it does not answer
 * close frames, and answers pings only with `answersPings`.
 */
export interface RawClient {
  readonly socket: Socket;
  readonly frames: readonly Frame[];
  /** The first frame with an opcode, or the `nth` one, received or future. */
  readonly frame: (opcode: number, nth?: number) => Promise<Frame>;
  /** How the connection ended: reset by the server, or closed. */
  readonly ended: Promise<{ readonly how: 'reset' | 'closed'; readonly at: number }>;
}

/** Connects a raw client. */
export async function connectRaw(
  url: string,
  { answersPings = false }: { answersPings?: boolean } = {},
): Promise<RawClient> {
  const { protocol, address, target } = splitUrl(url);
  const isSecure = protocol === 'wss:';
  const socket = isSecure ? connectTls(address) : connectTcp(address);
  const frames: Frame[] = [];
  const ended = new Promise<Awaited<RawClient['ended']>>((resolve) => {
    let how: 'reset' | 'closed' = 'closed';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') how = 'reset';
    });
    socket.on('close', () => resolve({ how, at: performance.now() }));
  });
  await once(socket, isSecure ? 'secureConnect' : 'connect');
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  );
  let unread = Buffer.alloc(0);
  let isOpen = false;
  socket.on('data', (data: Buffer) => {
    unread = Buffer.concat([unread, data]);
    if (!isOpen) {
      const end = unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      isOpen = true;
      unread = unread.subarray(end + 4);
      socket.emit('upgraded');
    }
    for (let read = readFrame(unread); read; read = readFrame(unread)) {
      const { opcode, payload, length } = read;
      unread = unread.subarray(length);
      frames.push({ opcode, payload, at: performance.now() });
      if (opcode === Opcode.Ping && answersPings) socket.write(maskedFrame(Opcode.Pong, payload));
      socket.emit('frame');
    }
  });
  await once(socket, 'upgraded');
  const frame = async (opcode: number, nth = 1): Promise<Frame> => {
    for (;;) {
      const received = frames.filter((one) => one.opcode === opcode)[nth - 1];
      if (received) return received;
      await once(socket, 'frame');
    }
  };
  return { socket, frames, frame, ended };
}

/** A short client frame with a mask of zeros. */
export function maskedFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** The code and reason of a close frame. */
export function readClose({ payload }: { payload: Buffer }): { code: number; reason: string } {
  return { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
}

/** The first frame in the data, if it is complete. Servers do not mask; the test servers send at most 64 KiB. */
function readFrame(data: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  const [first, size] = data;
  if (first === undefined || size === undefined || data.length < 4) return undefined;
  const [start, bytes] = size === 126 ? [4, data.readUInt16BE(2)] : [2, size];
  const length = start + bytes;
  if (data.length < length) return undefined;
  return { opcode: first & 0x0f, payload: data.subarray(start, length), length };
}
