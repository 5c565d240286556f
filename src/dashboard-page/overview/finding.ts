import type { DashboardOverview } from '../../dashboard/dashboard.interfaces.js';
import type { Period } from './period.js';

/** What an operator has to know: what is wrong, since when, and where the reason is. */
export interface Finding {
  /** The rule that found it. */
  readonly rule: string;
  /** `note`: seen, and not wrong in itself. */
  readonly severity: 'serious' | 'warning' | 'note';
  readonly title: string;
  readonly detail: string;
  /** Where the reason is. */
  readonly where: string;
  readonly period: Pick<Period, 'from' | 'to' | 'isNow'>;
  /** The hash of the view that shows the clients in question. */
  readonly link?: string;
}

/** Finds one kind of fault. */
export type FindingRule = (overview: DashboardOverview) => Finding | undefined;

export const SERVER = 'this server';
export const CLIENTS = 'the clients';
export const NETWORK = 'the network';
export const NETWORK_OR_CLIENTS = 'the network or the clients';
export const APPLICATION = 'the application';
