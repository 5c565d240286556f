import type { Socket } from 'node:net';

/*
 * What waits in a socket, and what the kernel has taken of it. Node counts a write as a whole; how far one has got
 * stands only in the handle of the socket, which is not public. It is read here and nowhere else, and where it is not
 * as expected, completed writes stand in.
 */

/** The two counters of a handle: bytes handed to it, and those of them that wait in it. */
interface WriteQueue {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** Bytes that wait in a socket: handed to it, and not taken by the kernel. */
export function waitingBytes(socket: Socket): number {
  const written = socket.writableLength;
  if (written === 0) return 0;
  const queues = queuesOf(socket);
  if (queues === undefined) return written;
  const { own, kernel } = queues;
  // Those that the handle has not been given yet, and those that the kernel has not taken.
  return socket.bytesWritten - own.bytesWritten + kernel.writeQueueSize;
}

/** Bytes that the kernel has taken so far. Where that cannot be known, a number that grows only if it took some. */
export function flushedBytes(socket: Socket): number {
  const queues = queuesOf(socket);
  if (queues !== undefined) return queues.kernel.bytesWritten - queues.kernel.writeQueueSize;
  // A Duplex that counts nothing shows at least that less waits in it than before.
  return (socket.bytesWritten ?? 0) - socket.writableLength;
}

/** `own`: the handle of the socket itself. `kernel`: the one below it, which for TLS is another and writes records. */
function queuesOf(socket: Socket): { own: WriteQueue; kernel: WriteQueue } | undefined {
  const own: unknown = Reflect.get(socket, '_handle');
  if (!isWriteQueue(own)) return undefined;
  const parent: unknown = Reflect.get(own, '_parent');
  return { own, kernel: isWriteQueue(parent) ? parent : own };
}

function isWriteQueue(handle: unknown): handle is WriteQueue {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    typeof Reflect.get(handle, 'bytesWritten') === 'number' &&
    typeof Reflect.get(handle, 'writeQueueSize') === 'number'
  );
}
