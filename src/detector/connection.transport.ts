/** What the detector reads of the socket of a connection. Counters only grow. */
export interface ConnectionTransport {
  /** Bytes received from the client. */
  readonly bytesRead: number;
  /** Bytes handed to the socket. */
  readonly bytesWritten: number;
  /** Bytes that wait in the socket: handed to it, and not taken by the kernel. */
  readonly bufferedBytes: number;
  /** Bytes that the kernel has taken. Where that is unknown, a number that grows only if the kernel took some. */
  readonly bytesFlushed: number;
  /** Whether the kernel has taken everything that was sent, including what still has to be compressed. */
  readonly isFlushed: boolean;
  /** Whether reading is paused, so that silence proves nothing. */
  readonly isReadingPaused: boolean;
  /** Whether the connection is open, and no closing handshake has begun. */
  readonly isOpen: boolean;
  /** Whether the connection is closed. Its `'close'` event may still be missing. */
  readonly isClosed: boolean;
}
