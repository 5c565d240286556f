import { ConnectionFlags } from './connection.flags.js';

/** What the detector reads of the socket of a connection. Counters only grow. */
export abstract class ConnectionTransport extends ConnectionFlags {
  /** Bytes received from the client. */
  abstract readonly bytesRead: number;
  /** Bytes handed to the socket. */
  abstract readonly bytesWritten: number;
  /** Bytes that wait in the socket: handed to it, and not taken by the kernel. */
  abstract readonly bufferedBytes: number;
  /** Bytes that the kernel has taken. Where that is unknown, a number that grows only if the kernel took some. */
  abstract readonly bytesFlushed: number;
  /** Whether the kernel has taken everything that was sent, including what still has to be compressed. */
  abstract readonly isFlushed: boolean;
  /** Whether reading is paused, so that silence proves nothing. */
  abstract readonly isReadingPaused: boolean;
  /** Whether the connection is open, and no closing handshake has begun. */
  abstract readonly isOpen: boolean;
  /** Whether the connection is closed. Its `'close'` event may still be missing. */
  abstract readonly isClosed: boolean;
}
