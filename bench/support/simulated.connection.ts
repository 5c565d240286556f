import { ConnectionRecord } from '../../src/detector/connection.record.js';

/** A connection without a socket: the counters are plain numbers. */
export class SimulatedConnection extends ConnectionRecord {
  override bytesRead = 0;
  override bytesWritten = 0;
  override bufferedBytes = 0;
  override bytesFlushed = 0;
  override isFlushed = true;
  override isReadingPaused = false;
  override isOpen = true;
  override isClosed = false;
}
