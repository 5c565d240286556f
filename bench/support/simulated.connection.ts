import { ConnectionRecord } from '../../src/detector/connection.record.js';
import type { DetectorPolicy } from '../../src/detector/detector.policy.js';
import type { RecordedConnection } from '../../src/detector/failure-detector.js';

/** A connection without a socket. Its counters are plain numbers. */
export class SimulatedConnection implements RecordedConnection {
  readonly record: ConnectionRecord;
  bytesRead = 0;
  bytesWritten = 0;
  bufferedBytes = 0;
  bytesFlushed = 0;
  isFlushed = true;
  isReadingPaused = false;
  isOpen = true;
  isClosed = false;

  constructor(policy: DetectorPolicy, sequence: number) {
    this.record = new ConnectionRecord(this, policy, sequence);
  }
}
