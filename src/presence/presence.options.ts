import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import { systemClock, type HeartbeatClock } from '../heartbeat.clock.js';
import { LONGEST_TIMER } from '../heartbeat.constants.js';
import { isPlainObject } from '../heartbeat.options.checks.js';
import { optionsErrors } from '../heartbeat.options.messages.js';
import { MemoryPresenceStore } from './memory.store.js';
import { PresenceOptionsError } from './presence.errors.js';
import type { PresenceStore } from './presence.store.js';

/**
 * Options of `PresenceModule.forRoot()`. Use the same times on all nodes.
 *
 * @publicApi
 */
export interface PresenceOptions {
  /** Where presence is kept. Default: a new `MemoryPresenceStore`, which knows only this application. */
  store?: PresenceStore;
  /**
   * How long the keys of a node stay present without a renewal, in ms: at most so long after it crashed. At least three
   * times `renew`. Default 15 000.
   */
  lease?: number;
  /** How often a node renews its lease, in ms, ±10 %. Default 5 000. */
  renew?: number;
  /** How long a key must be absent before `changes()` reports it as left, in ms. Default 5 000. */
  linger?: number;
  /** The longest time that a promise of `PresenceService` takes, in ms. Default 2 000. */
  deadline?: number;
  /** A name of this node for people, the first part of its id. Default: the host name. */
  node?: string;
}

/**
 * Options of `PresenceModule.forRootAsync()`: one of `useFactory` (with `inject`), `useClass` and `useExisting`, and the
 * `imports` that it needs.
 *
 * @publicApi
 */
export interface PresenceModuleAsyncOptions extends ConfigurableModuleAsyncOptions<
  PresenceOptions,
  'createPresenceOptions'
> {}

/** The options, validated and with all defaults. */
export interface ResolvedPresenceOptions {
  readonly store: PresenceStore;
  readonly lease: number;
  readonly renew: number;
  readonly linger: number;
  readonly deadline: number;
  /** The id of this node. */
  readonly id: string;
}

/** Injection token of the options as the user gave them. */
export const RAW_PRESENCE_OPTIONS = 'nestjs-heartbeat:raw-presence-options';
/** Injection token of the resolved options. */
export const PRESENCE_OPTIONS = 'nestjs-heartbeat:presence-options';

const WHERE = 'PresenceModule';
const KNOWN = ['store', 'lease', 'renew', 'linger', 'deadline', 'node'];
/** The lease must survive two renewals that fail. */
const RENEWALS_PER_LEASE = 3;
const LONGEST_NAME = 256;

/** @throws PresenceOptionsError for invalid options */
export function resolvePresenceOptions(
  options: PresenceOptions = {},
  clock: HeartbeatClock = systemClock,
): ResolvedPresenceOptions {
  const given: unknown = options;
  if (!isPlainObject(given)) {
    throw new PresenceOptionsError(optionsErrors.notAnObject(WHERE, given));
  }
  for (const key of Object.keys(options)) {
    if (KNOWN.includes(key)) continue;
    throw new PresenceOptionsError(optionsErrors.unknownKey(WHERE, key, KNOWN));
  }
  const { renew = 5_000, lease = 15_000, linger = 5_000, deadline = 2_000 } = options;
  const { store = new MemoryPresenceStore(clock), node = hostname() } = options;
  checkTime('renew', renew);
  checkTime('lease', lease);
  checkTime('deadline', deadline);
  check('linger', linger, linger === 0 || isTime(linger), `${TIME_FIX} 0 reports at once.`);
  const least = RENEWALS_PER_LEASE * renew;
  const leaseFix = `Set at least three times \`renew\` (${least} ms), so that a renewal can fail.`;
  check('lease', lease, lease >= least, leaseFix);
  check('store', store, isStore(store), 'Set a PresenceStore, such as new MemoryPresenceStore().');
  const nameFix = `Set a name of 1 to ${LONGEST_NAME} characters.`;
  check('node', node, isName(node), nameFix);
  const id = `${node}-${randomBytes(8).toString('hex')}`;
  return Object.freeze({ store, lease, renew, linger, deadline, id });
}

const TIME_FIX = `Set a number of milliseconds above 0 and at most ${LONGEST_TIMER}.`;

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value <= LONGEST_TIMER;
}

function isStore(value: unknown): boolean {
  return typeof (value as Partial<PresenceStore> | null)?.open === 'function';
}

function isName(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= LONGEST_NAME &&
    !/[\0\p{Surrogate}]/u.test(value)
  );
}

function checkTime(key: string, value: unknown): void {
  check(key, value, isTime(value), TIME_FIX);
}

function check(key: string, value: unknown, holds: boolean, fix: string): void {
  if (!holds) throw new PresenceOptionsError(optionsErrors.invalid(WHERE, key, value, fix));
}
