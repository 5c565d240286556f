import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { ConsoleLogger } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { Eviction, OnGatewayEvict } from 'nestjs-heartbeat';
import type { WebSocket } from 'ws';
import { startMonitored } from '../support/monitored.js';

const QUIET = { interval: 60_000, timeout: 120_000 };

/** A gateway whose hook throws the reason, so that the module logs it. */
@WebSocketGateway({ path: '/chat' })
class TalkativeGateway implements OnGatewayEvict {
  handleEvict(_client: WebSocket, { reason }: Eviction): void {
    throw reason as unknown as Error;
  }
}

const characters = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index));

/** Characters that a terminal or a log viewer interprets instead of showing them. */
const DANGEROUS: [what: string, characters: string[]][] = [
  ['C0, with NUL, newline and escape', characters(0x00, 0x1f)],
  ['DEL and C1', characters(0x7f, 0x9f)],
  ['line separators', characters(0x2028, 0x2029)],
  [
    'marks, overrides and isolates of direction',
    ['\u061c', '\u200e', '\u200f', ...characters(0x202a, 0x202e), ...characters(0x2066, 0x2069)],
  ],
  ['characters without width', ['\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff']],
  ['tags', ['\u{e0001}', '\u{e0041}', '\u{e007f}']],
];
const FORGED = '\n[Nest] 1  - 1/1/2026, 0:00:00 AM   ERROR [Root] forged\u001b[2K\r';

let written: string;

beforeEach(() => {
  written = '';
  const write = (chunk: unknown) => {
    written += String(chunk);
    return true;
  };
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation(write);
  }
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** The lines of the log. */
function lines(): string[] {
  expect(written.endsWith('\n')).toBe(true);
  return written.slice(0, -1).split('\n');
}

test.each(DANGEROUS)('%s in a reason are escaped in the log', async (_, dangerous) => {
  const logger = new ConsoleLogger({ colors: false, logLevels: ['debug', 'error', 'warn'] });
  const { connect, events, liveness, close } = await startMonitored([TalkativeGateway], QUIET, {
    logger,
  });
  // A reason holds 123 bytes.
  for (let first = 0; first < dangerous.length; first += 20) {
    const { closed, peer } = await connect('/chat');
    const reason = `a${dangerous.slice(first, first + 20).join('b')}${FORGED.slice(0, 20)}z`;
    liveness.disconnect(peer, { reason });
    expect((await closed).reason).toBe(reason);
  }
  const evictions = events.of('evicted').length;
  await close();

  const all = lines();
  for (const line of all) {
    expect(line).toMatch(/^\[Nest\] \d+ {2}- .* (DEBUG|ERROR|WARN) \[HeartbeatModule\] /);
    expect(line).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u);
  }
  expect(all.filter((line) => line.includes('evicted as requested'))).toHaveLength(evictions);
  expect(all.filter((line) => line.includes('handleEvict() failed'))).toHaveLength(evictions);
  expect(all).toHaveLength(2 * evictions);
  expect(written).not.toContain('\u001b');
});

test('the close reason of a client is not logged, and reaches the application unchanged', async () => {
  const logger = new ConsoleLogger({ colors: false, logLevels: ['verbose', 'debug', 'error'] });
  const { connect, events } = await startMonitored([TalkativeGateway], QUIET, { logger });
  const { socket } = await connect('/chat');
  socket.close(4000, FORGED);
  await once(socket, 'close');
  expect(await events.when('disconnected')).toMatchObject({ code: 4000, reason: FORGED });
  expect(written).toBe('');
});
