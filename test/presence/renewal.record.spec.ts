import { describe, expect, it } from '@jest/globals';
import { RenewalRecord } from '../../src/presence/renewal.record.js';

const LEASE = 100;

describe('RenewalRecord', () => {
  it('is steady once renewals went through for a whole lease', () => {
    const record = new RenewalRecord(LEASE);
    record.onSuccess(false, 0, 1_000);
    expect(record.isDisturbed).toBe(false);
    record.onSuccess(true, 0, 1_050);
    record.onSuccess(true, 0, 1_099);
    expect(record.isSteady(1_099)).toBe(false);
    record.onSuccess(true, 0, 1_100);
    expect(record.isSteady(1_100)).toBe(true);
  });

  it.each(['a failure', 'a lease that was not held'])('begins anew after %s', (what) => {
    const record = new RenewalRecord(LEASE);
    record.onSuccess(false, 0, 0);
    for (const at of [50, 100]) record.onSuccess(true, 0, at);
    if (what === 'a failure') record.onFailure();
    record.onSuccess(what === 'a failure', 0, 150);
    expect(record.isSteady(150)).toBe(false);
    expect(record.isDisturbed).toBe(true);
    for (const at of [200, 249]) record.onSuccess(true, 0, at);
    expect(record.isDisturbed).toBe(true);
    record.onSuccess(true, 0, 250);
    expect(record.isSteady(250)).toBe(true);
    expect(record.isDisturbed).toBe(false);
  });

  it('begins anew after a gap in which the store can have been away', () => {
    const record = new RenewalRecord(LEASE);
    record.onSuccess(false, 0, 0);
    record.onSuccess(true, 0, 50);
    record.onSuccess(true, 0, 100);
    expect(record.isSteady(100)).toBe(true);
    record.onSuccess(true, 0, 151);
    expect(record.isSteady(151)).toBe(false);
    expect(record.isDisturbed).toBe(true);
  });

  it('knows the time of the store for a lease', () => {
    const record = new RenewalRecord(LEASE);
    expect(record.storeNow(0)).toBeUndefined();
    record.onSuccess(false, 5_000, 0);
    expect(record.storeNow(40)).toBe(5_040);
    expect(record.storeNow(101)).toBeUndefined();
  });
});
