import { describe, expect, test } from '@jest/globals';
import type { EvictionCause, HeartbeatSnapshot } from 'nestjs-heartbeat';
import type {
  DashboardMinute,
  DashboardOverview,
} from '../../src/dashboard/dashboard.interfaces.js';
import { findingsOf } from '../../src/dashboard-page/overview/findings.js';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 1, 12);
const NO_EVICTIONS: Record<EvictionCause, number> = {
  unresponsive: 0,
  idle: 0,
  expired: 0,
  unadmitted: 0,
  flooding: 0,
  'slow-consumer': 0,
  drain: 0,
  requested: 0,
};

type Change = Partial<Omit<DashboardMinute, 'evicted' | 'closedBy'>> & {
  readonly evicted?: Partial<DashboardMinute['evicted']>;
  readonly closedBy?: Partial<DashboardMinute['closedBy']>;
};

/** An hour with 100 clients in which nothing happens, except in some minutes: 0 is the current one, 1 the one before. */
function overviewWith(
  changes: Record<number, Change>,
  snapshot: Partial<HeartbeatSnapshot> = {},
  counts: readonly number[] = [0, 0, 0],
): DashboardOverview {
  const minutes = Array.from({ length: 61 }, (_, index) => {
    const { evicted, closedBy, ...change } = changes[60 - index] ?? {};
    return {
      at: NOON - (60 - index) * MINUTE,
      open: 100,
      suspect: 0,
      opened: 0,
      closedBy: { server: 0, client: 0, application: 0, network: 0, ...closedBy },
      evicted: { ...NO_EVICTIONS, ...evicted },
      stalls: 0,
      stalledFor: 0,
      rtt: { p50: 5, p95: 20 },
      ...change,
    };
  });
  return {
    at: NOON + 1_000,
    instance: { id: 'host-1', startedAt: NOON - 90 * MINUTE },
    version: '0.1.0',
    snapshot: {
      draining: false,
      servers: [],
      totals: { dryRun: NO_EVICTIONS },
      ...snapshot,
    } as unknown as HeartbeatSnapshot,
    minutes,
    actions: false,
    ages: { upTo: [55_000, 65_000], counts },
  };
}

describe('findingsOf()', () => {
  test('finds nothing in an hour in which nothing happened, or what the application asked for', () => {
    expect(findingsOf(overviewWith({}))).toEqual([]);
    const asked = { evicted: { idle: 50, expired: 50, requested: 50 }, closedBy: { client: 50 } };
    expect(findingsOf(overviewWith({ 0: asked, 1: asked }))).toEqual([]);
  });

  test('counts one period, with its begin', () => {
    const evicted = { unresponsive: 1 };
    const [finding] = findingsOf(
      overviewWith({ 40: { evicted }, 5: { evicted }, 3: { evicted }, 1: { evicted } }),
    );

    expect(finding).toMatchObject({
      rule: 'unresponsive',
      severity: 'warning',
      title: '3 clients stopped answering',
      period: { from: NOON - 5 * MINUTE, isNow: true },
    });
  });

  test('distinguishes what is over', () => {
    const [finding] = findingsOf(overviewWith({ 4: { stalls: 1, stalledFor: 2_000 } }));

    expect(finding).toMatchObject({
      rule: 'stalls',
      where: 'this server',
      period: { isNow: false },
    });
  });

  test.each([
    ['unresponsive', { evicted: { unresponsive: 10 } }],
    ['flooding', { evicted: { flooding: 10 } }],
    ['stalls', { stalls: 1, stalledFor: 1_000 }],
    ['lost', { closedBy: { network: 6 } }],
  ])('calls many at once serious: %s', (rule, change) => {
    expect(findingsOf(overviewWith({ 0: change }))).toMatchObject([{ rule, severity: 'serious' }]);
  });

  test('does not take single clients that lose their network for a fault of the network', () => {
    expect(findingsOf(overviewWith({ 0: { closedBy: { network: 4 } } }))).toEqual([]);
    expect(findingsOf(overviewWith({ 0: { open: 1_000, closedBy: { network: 40 } } }))).toEqual([]);
  });

  test('finds slow round trips, and their reason in this server if it stalled meanwhile', () => {
    const rtt = { p50: 5, p95: 70 };
    expect(findingsOf(overviewWith({ 0: { rtt } }))).toMatchObject([
      { rule: 'slow-round-trips', where: 'the network or the clients' },
    ]);
    const stalled = overviewWith({ 0: { rtt, stalls: 1, stalledFor: 300 } });
    expect(findingsOf(stalled)).toContainEqual(
      expect.objectContaining({ rule: 'slow-round-trips', where: 'this server' }),
    );
    expect(findingsOf(overviewWith({ 0: { rtt: { p50: 5, p95: 45 } } }))).toEqual([]);
  });

  test('finds connections that end at the limit of a proxy', () => {
    expect(findingsOf(overviewWith({}, {}, [5, 10, 5]))).toMatchObject([{ rule: 'cut-by-proxy' }]);
    expect(findingsOf(overviewWith({}, {}, [11, 10, 0]))).toEqual([]);
    expect(findingsOf(overviewWith({}, {}, [0, 9, 0]))).toEqual([]);
  });

  test('puts what goes on first, then the serious', () => {
    const found = findingsOf(
      overviewWith({
        30: { stalls: 1, stalledFor: 5_000 },
        1: { evicted: { 'slow-consumer': 1 } },
        0: { evicted: { unresponsive: 20 } },
      }),
    );

    expect(found.map(({ rule }) => rule)).toEqual(['unresponsive', 'slow-consumer', 'stalls']);
  });

  test('reports a drain, and evictions of a dry run', () => {
    const dryRun = { ...NO_EVICTIONS, idle: 3 };
    const found = findingsOf(
      overviewWith({}, { draining: true, totals: { dryRun } as HeartbeatSnapshot['totals'] }),
    );

    expect(found).toMatchObject([
      { rule: 'draining', severity: 'warning' },
      { rule: 'dry-run', severity: 'note' },
    ]);
  });
});
