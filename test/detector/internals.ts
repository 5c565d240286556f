import type { ConnectionRecord } from '../../src/detector/connection.record.js';
import type { RareState } from '../../src/detector/rare.state.js';

/** Private fields of a connection record, for tests of exact boundaries. */
export interface RecordFields {
  startedAt: number;
  frameAt: number;
  applicationAt: number;
  pingSentAt: number;
  phaseSlot: number;
  sentSlot: number;
  rare: RareState | undefined;
  /** Makes the rare state. */
  needRare(): RareState;
}

/** Private fields of the pings by message. */
export interface MessagePingFields {
  sentAt: number;
  nextFollowUpAt: number;
}

/** Private fields of a backlog. */
export interface BacklogFields {
  flushedBytes: number;
  waitingBytes: number;
  blockedAt: number;
  isBlocked: boolean;
  leastOverMax: number;
}

export function fieldsOf(record: ConnectionRecord): RecordFields {
  return record as unknown as RecordFields;
}

export function messagePingFields(record: ConnectionRecord): MessagePingFields | undefined {
  return fieldsOf(record).rare?.messagePings as unknown as MessagePingFields | undefined;
}

export function backlogFields(record: ConnectionRecord): BacklogFields | undefined {
  return record.backlog as unknown as BacklogFields | undefined;
}
