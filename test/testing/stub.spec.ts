import { describe, expect, test } from '@jest/globals';
import { Test } from '@nestjs/testing';
import {
  ClientDisconnectedError,
  LivenessService,
  ProbeTimeoutError,
  UnknownClientError,
  type Eviction,
  type HeartbeatEvent,
  type Liveness,
} from 'nestjs-heartbeat';
import { LivenessServiceStub } from 'nestjs-heartbeat/testing';
import { ChatGateway } from '../support/chat.gateway.js';
import type { WebSocket, WebSocketServer } from 'ws';

const rtt = { last: 12, smoothed: 12, variation: 1, min: 12 };

/** A stub with one client, and what it emitted and called. */
function startStub(values: Partial<Liveness> = {}) {
  const stub = new LivenessServiceStub();
  const events: HeartbeatEvent[] = [];
  stub.events$.subscribe((event) => events.push(event));
  const calls: [hook: string, client: unknown, subject: unknown][] = [];
  stub.callHooksOf({
    handleSuspect: (...args: [unknown, unknown]) => calls.push(['suspect', ...args]),
    handleRecover: (...args: [unknown, unknown]) => calls.push(['recover', ...args]),
    handleEvict: (...args: [unknown, unknown]) => calls.push(['evict', ...args]),
  });
  const client = {} as WebSocket;
  stub.add(client, { gateways: ['ChatGateway'], ...values });
  return { stub, client, calls, events, types: () => events.map(({ type }) => type) };
}

describe('LivenessServiceStub', () => {
  test('has every method of LivenessService of its own', () => {
    const names = Object.getOwnPropertyNames(LivenessService.prototype);
    const own = Object.getOwnPropertyNames(LivenessServiceStub.prototype);
    expect(names.filter((name) => !own.includes(name))).toEqual([]);
  });

  test('is injected in place of LivenessService', async () => {
    const module = await Test.createTestingModule({
      providers: [{ provide: LivenessService, useClass: LivenessServiceStub }],
    }).compile();
    const liveness: LivenessService = module.get(LivenessService);
    expect(liveness.size).toBe(0);
  });

  test('lists clients by gateway and state', () => {
    const { stub, client } = startStub({ state: 'suspect' });
    stub.add({}, { gateways: ['OtherGateway'] });
    const ids = (filter: object) => [...stub.clients(filter)].length;
    expect([ids({}), stub.size]).toEqual([2, 2]);
    expect(ids({ gateway: ChatGateway })).toBe(1);
    expect(ids({ gateway: 'OtherGateway', state: 'suspect' })).toBe(0);
    expect([...stub.clients({ state: 'suspect' })]).toEqual([stub.get(client)]);
    expect(stub.isAlive(client)).toBe(true);
    expect(stub.get({} as WebSocket)).toBeUndefined();
  });

  test('a client becomes suspect, recovers, is evicted and closes', async () => {
    const { stub, client, calls, types } = startStub();
    await stub.suspect(client);
    expect(stub.get(client)).toMatchObject({ state: 'suspect' });
    await stub.recover(client);
    const eviction = await stub.evict(client, 'idle');
    expect(eviction).toMatchObject({ cause: 'idle', code: 4409, liveness: { state: 'alive' } });
    expect(stub.get(client)).toMatchObject({ state: 'evicted', eviction });
    expect([stub.isAlive(client), stub.size]).toEqual([false, 1]);
    stub.close(client);
    stub.close(client);
    expect(types()).toEqual(['connected', 'suspect', 'recovered', 'evicted', 'disconnected']);
    expect(calls.map(([hook]) => hook)).toEqual(['suspect', 'recover', 'evict']);
    expect(calls.at(-1)).toEqual(['evict', client, eviction]);
    expect(stub.history()).toMatchObject([{ cause: 'idle', code: 4409, by: 'server' }]);
    expect([stub.size, stub.get(client)?.state]).toEqual([0, 'closed']);
  });

  test('a dry run calls no hook and changes nothing', async () => {
    const { stub, client, calls, types } = startStub();
    await stub.evict(client, 'unresponsive', { dryRun: true });
    expect([calls, stub.get(client)?.state]).toEqual([[], 'alive']);
    expect(types()).toEqual(['connected', 'evicted']);
    expect(stub.snapshot().totals).toMatchObject({
      evicted: { unresponsive: 0 },
      dryRun: { unresponsive: 1 },
    });
  });

  test('what a hook throws is thrown to the test', async () => {
    const { stub, client } = startStub();
    stub.callHooksOf({ handleEvict: () => Promise.reject(new Error('a hook')) });
    await expect(stub.evict(client, 'idle')).rejects.toThrow('a hook');
  });

  test('probe() resolves with the last round trip, or rejects as the module does', async () => {
    const { stub, client } = startStub();
    await expect(stub.probe(client)).rejects.toThrow(ProbeTimeoutError);
    stub.set(client, { rtt });
    expect(await stub.probe(client)).toBe(12);
    stub.close(client);
    await expect(stub.probe(client)).rejects.toThrow(ClientDisconnectedError);
    await expect(stub.probe({} as WebSocket)).rejects.toThrow(UnknownClientError);
  });

  test('commands change what is known of a client, and nothing after its close', () => {
    const { stub, client } = startStub({ silence: 5 });
    stub.admit(client, 'ann');
    stub.touch(client);
    stub.pause(client);
    stub.update(client, { interval: 5_000 });
    const expected = { label: 'ann', admitted: true, silence: 0, paused: true, interval: 5_000 };
    expect(stub.get(client)).toMatchObject(expected);
    stub.close(client);
    stub.resume(client);
    expect(stub.get(client)).toMatchObject({ ...expected, state: 'closed' });
    expect(() => stub.touch({} as WebSocket)).toThrow(UnknownClientError);
  });

  test('disconnect() is an eviction of the application', () => {
    const { stub, client, events } = startStub();
    stub.disconnect(client, { code: 4001, reason: 'out' });
    stub.close(client);
    const [, evicted] = events as [unknown, { eviction: Eviction }];
    expect(evicted.eviction).toMatchObject({ cause: 'requested', code: 4001, reason: 'out' });
    const filter = { by: 'application', cause: 'requested', gateway: ChatGateway } as const;
    expect(stub.history(filter)).toHaveLength(1);
    expect(stub.history({ ...filter, limit: 0 })).toEqual([]);
    expect(stub.history({ by: 'client' })).toEqual([]);
  });

  test('drain() evicts and closes all clients, once', async () => {
    const { stub, types } = startStub();
    stub.add({});
    const report = stub.drain();
    expect(stub.drain()).toBe(report);
    expect(await report).toMatchObject({ closed: 2, terminated: 0 });
    expect(types().slice(2)).toEqual([
      'draining',
      'evicted',
      'evicted',
      'disconnected',
      'disconnected',
    ]);
    expect(stub.history({ by: 'server' })).toHaveLength(2);
  });

  test('snapshot() counts what happened', async () => {
    const { stub, client } = startStub({ rtt });
    stub.add({}, { state: 'suspect' });
    await stub.evict(client, 'idle');
    expect(stub.snapshot()).toMatchObject({
      draining: false,
      totals: { connected: 2, disconnected: 0, evicted: { idle: 1 } },
      roundTrips: { sum: 12 },
      servers: [{ name: 'ChatGateway', alive: 0, suspect: 1, evicted: 1 }],
    });
    stub.emit({ type: 'stalled', duration: 5_000 });
    stub.watch({} as WebSocketServer)();
  });
});
