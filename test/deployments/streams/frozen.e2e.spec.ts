import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { report } from '../../support/report.js';
import { expectEvictedInTime } from '../support/in-bound.js';
import { startOn, TRANSPORTS, type KindOfApp } from '../support/kinds.js';
import type { StreamWatch } from '../support/stream.record.js';
import type { Transport } from '../support/transfer.js';

const OPTIONS = { interval: 1_000, timeout: 4_000 };

/** Connects a client that reads nothing, and so answers no ping. */
async function connectFrozen({ events, connect, watches }: KindOfApp): Promise<StreamWatch> {
  const connected = events.next('connected');
  const peer = await connect();
  peer.pause();
  const { client } = await connected;
  const watch = watches().find((each) => each.client === client);
  if (watch === undefined) throw new Error('The gateway does not know this client');
  return watch;
}

/** Sends until the kernel accepts no more bytes and a few hundred kilobytes wait. */
async function fill({ client, socket }: StreamWatch): Promise<number> {
  const piece = randomBytes(16_384);
  for (let full = 0; full < 50; await turn()) {
    if (socket.writableLength > 256 * 1_024) full++;
    else {
      full = 0;
      client.send(piece);
    }
  }
  return socket.writableLength;
}

test.concurrent.each(TRANSPORTS.map((transport): [Transport] => [transport]))(
  'a dead client on %s with a few hundred kilobytes waiting, whose ping never leaves, is evicted in time',
  async (transport) => {
    const started = await startOn(transport, OPTIONS);
    const { tick } = started.liveness.snapshot();
    const watch = await connectFrozen(started);
    const waiting = await fill(watch);
    // Otherwise it would be a slow consumer.
    expect(waiting).toBeLessThan(1_048_576);
    const { eviction } = await started.events.when('evicted');
    const at = performance.now();
    const evicted = [{ at, cause: eviction.cause, code: eviction.code }];
    expect(await started.events.when('disconnected')).toMatchObject({ eviction });
    const record = { ...watch.record, evicted, disconnected: [{ at, code: 1006 }] };
    const { after } = expectEvictedInTime(record, OPTIONS, tick, 'unresponsive');
    report(`${transport}: ${waiting} bytes waited, evicted after ${after.toFixed(0)} ms`);
    expect(started.events.of('evicted')).toHaveLength(1);
    expect(started.events.of('disconnected')).toHaveLength(1);
  },
);
