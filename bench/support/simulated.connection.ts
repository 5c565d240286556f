import { ConnectionRecord } from '../../src/detector/connection.record.js';

/** A connection without a socket. Its counters are plain numbers. */
export class SimulatedConnection extends ConnectionRecord {
  bytesRead = 0;
  bytesWritten = 0;
  bufferedBytes = 0;
  bytesFlushed = 0;
  isFlushed = true;
  isReadingPaused = false;
  isOpen = true;
  isClosed = false;
}
