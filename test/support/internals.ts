import type { ReportedCause, ConnectionRecord } from '../../src/detector/connection.record.js';
import type { Backlog } from '../../src/detector/backlog.js';

/** Private fields of a connection record, for tests of exact boundaries. */
export interface RecordFields {
  startedAt: number;
  waiting: Backlog | undefined;
  reported: Set<ReportedCause> | undefined;
}

/** Private fields of the activity of a record. */
export interface ActivityFields {
  frameAt: number;
  messageAt: number;
  applicationAt: number;
  progressAt: number;
  hasUnsolicited: boolean;
}

/** Private fields of the ping schedule of a record. */
export interface PingFields {
  pingSentAt: number;
  messagePings: { sentAt: number; followUpAt: number } | undefined;
  unflushedPing: 'ping' | 'message-ping' | undefined;
}

/** Private fields of a backlog. */
export interface BacklogFields {
  flushedBytes: number;
  waitingBytes: number;
  blockedAt: number;
  isBlocked: boolean;
  leastOverMax: number;
}

export function recordFields(record: ConnectionRecord): RecordFields {
  return record as unknown as RecordFields;
}

export function activityFields(record: ConnectionRecord): ActivityFields {
  return record.activity as unknown as ActivityFields;
}

export function pingFields(record: ConnectionRecord): PingFields {
  return record.pings as unknown as PingFields;
}

export function backlogFields(record: ConnectionRecord): BacklogFields | undefined {
  return record.backlog as unknown as BacklogFields | undefined;
}
