import type { Socket } from 'node:net';

/*
 * Bytes that wait in a socket, and bytes that the kernel has taken. Node.js counts only whole writes. The progress of a
 * write is known only to the handle of the socket, which is not public. Only this file reads it. If the handle is not as
 * expected, completed writes are counted instead.
 */

/** The counters of a handle: bytes handed to it, and how many of them still wait in it. */
interface WriteQueue {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** Bytes that were handed to a socket and not yet taken by the kernel. */
export function waitingBytes(socket: Socket): number {
  const written = socket.writableLength;
  if (written === 0) return 0;
  const queues = queuesOf(socket);
  if (queues === undefined) return written;
  const { own, kernel } = queues;
  // Bytes that were not handed to the handle yet, and bytes that the kernel has not taken.
  return socket.bytesWritten - own.bytesWritten + kernel.writeQueueSize;
}

/** Bytes that the kernel has taken. Where that is unknown, a number that grows only if the kernel took some. */
export function flushedBytes(socket: Socket): number {
  const queues = queuesOf(socket);
  if (queues !== undefined) return queues.kernel.bytesWritten - queues.kernel.writeQueueSize;
  // A Duplex without counters at least shows that fewer bytes wait than before.
  return (socket.bytesWritten ?? 0) - socket.writableLength;
}

/** `own`: the handle of the socket. `kernel`: the handle that writes to the kernel; for TLS it is the parent of `own`. */
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
