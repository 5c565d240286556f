import type { ClosedBy } from '../heartbeat.history.interfaces.js';
import type { EvictionCause, LivenessState } from '../heartbeat.interfaces.js';

export { bytes, duration } from '../dashboard/figures.js';

/** The sides that close connections, in the order of the charts. */
export const CLOSED_BY: Record<ClosedBy, string> = {
  client: 'client',
  application: 'application',
  server: 'server',
  network: 'network',
};

/** Why a connection was evicted, in the order of the charts: faults first, then what an application wants. */
export const CAUSES: Record<EvictionCause, string> = {
  unresponsive: 'unresponsive',
  flooding: 'flooding',
  'slow-consumer': 'slow consumer',
  unadmitted: 'not admitted',
  idle: 'idle',
  expired: 'expired',
  drain: 'drain',
  requested: 'requested',
};

export const STATES: Record<Exclude<LivenessState, 'closed'>, string> = {
  alive: 'alive',
  suspect: 'suspect',
  evicted: 'closing',
};

export const causeNames = Object.keys(CAUSES) as EvictionCause[];
export const closedByNames = Object.keys(CLOSED_BY) as ClosedBy[];

const group = new Intl.NumberFormat('en-US');

/** `12,480`. */
export function count(value: number): string {
  return group.format(value);
}

/** `1 client`, `2 clients`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `12:03`, in UTC, as the sentences of the server and most logs have it. */
export function minuteOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** `12:03:11`, in UTC. */
export function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** `2026-11-27 12:03:11 UTC`. */
export function dateAndTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
