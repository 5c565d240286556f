import { describe, expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat, HeartbeatModule, HeartbeatOptionsError } from 'nestjs-heartbeat';
import { modulePolicy, resolveModuleOptions } from '../../src/heartbeat.options.resolver.js';
import { createApp } from '../support/app.js';

const TIME = 'Set a number of milliseconds above 0 and at most 2147483647.';
const CLOCK =
  'Set a number of milliseconds above 0 and at most 2147483647, or `false` to turn it off.';
const LIVENESS = "Set 'transport' or 'application'.";
const EVENT = 'Set the name of an event, or `false` for no heartbeat messages.';
const TEXTS =
  "Set an object of texts and the reply to each, such as { ping: 'pong' }, or a function of the message.";
const NEGOTIATION =
  'Set { minInterval, minTimeout }, each a number of milliseconds above 0 and at most 2147483647, or `false` for none.';
const FLAG = 'Set `true` or `false`.';
const LIMITS = 'Set an object of limits, or `false` for none.';
const limit = (name: string, fields: string) =>
  `Set \`${name}\` to { ${fields} }, each a finite number above 0, or to \`false\` for no limit.`;
const BACKLOG =
  'Set `backlog` to { stalled, max }, one or both, each a finite number above 0, or to `false` for no limit.';
const GATEWAYS = "Set 'all' or 'decorated'.";
const WINDOW = 'Set { within }, a number of milliseconds from 0 to 2147483647, or `false`.';

/** An option, an invalid value, its text in the error, and the fix that the error names. */
type Case = [key: string, value: unknown, shown: string, fix: string];

const BAD_TIMES: [value: unknown, shown: string][] = [
  [NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
  [-1, '-1'],
  [0, '0'],
  [2 ** 31, '2147483648'],
  ['5000', '"5000"'],
  [null, 'null'],
  [true, 'true'],
  [5n, '5n'],
  [{}, '{}'],
];

const OF_GATEWAYS: Case[] = [
  ...['interval', 'timeout', 'closeTimeout'].flatMap((key) => [
    ...BAD_TIMES.map(([value, shown]): Case => [key, value, shown, TIME]),
    [key, false, 'false', TIME] as Case,
  ]),
  ...['idleTimeout', 'maxLifetime', 'admissionTimeout'].flatMap((key) =>
    BAD_TIMES.map(([value, shown]): Case => [key, value, shown, CLOCK]),
  ),
  ['liveness', 'both', '"both"', LIVENESS],
  ['liveness', true, 'true', LIVENESS],
  ['liveness', null, 'null', LIVENESS],
  ['event', '', '""', EVENT],
  ['event', true, 'true', EVENT],
  ['event', 5, '5', EVENT],
  ['event', null, 'null', EVENT],
  ['clientHeartbeats', null, 'null', TEXTS],
  ['clientHeartbeats', 'ping', '"ping"', TEXTS],
  ['clientHeartbeats', ['ping'], '["ping"]', TEXTS],
  ['clientHeartbeats', { ping: 1 }, '{"ping":1}', TEXTS],
  ['dryRun', 'yes', '"yes"', FLAG],
  ['dryRun', 0, '0', FLAG],
  ['dryRun', null, 'null', FLAG],
  ['limits', true, 'true', LIMITS],
  ['limits', null, 'null', LIMITS],
  ['limits', 10, '10', LIMITS],
  ['limits', [], '[]', LIMITS],
  [
    'limits',
    { size: {} },
    '{"size":{}}',
    'There is no limit `size`; known are pings, pongs, messages, backlog.',
  ],
  [
    'limits',
    { toString: {} },
    '{"toString":{}}',
    'There is no limit `toString`; known are pings, pongs, messages, backlog.',
  ],
  ['limits', { pings: 5 }, '{"pings":5}', limit('pings', 'rate, burst')],
  ['limits', { pings: null }, '{"pings":null}', limit('pings', 'rate, burst')],
  ['limits', { pings: { rate: 5 } }, '{"pings":{"rate":5}}', limit('pings', 'rate, burst')],
  [
    'limits',
    { messages: { rate: 5, burst: 0 } },
    '{"messages":{"rate":5,"burst":0}}',
    limit('messages', 'rate, burst'),
  ],
  [
    'limits',
    { messages: { rate: '5', burst: 5 } },
    '{"messages":{"rate":"5","burst":5}}',
    limit('messages', 'rate, burst'),
  ],
  [
    'limits',
    { messages: { rate: 5, burst: 5, per: 1 } },
    '{"messages":{"rate":5,"burst":5,"per":1}}',
    limit('messages', 'rate, burst'),
  ],
  ['limits', { pongs: true }, '{"pongs":true}', limit('pongs', 'rate, burst')],
  ['limits', { backlog: null }, '{"backlog":null}', BACKLOG],
  ['limits', { backlog: 5 }, '{"backlog":5}', BACKLOG],
  ['limits', { backlog: { max: -1 } }, '{"backlog":{"max":-1}}', BACKLOG],
  ['limits', { backlog: { stalled: '5' } }, '{"backlog":{"stalled":"5"}}', BACKLOG],
  ['limits', { backlog: { hard: 5 } }, '{"backlog":{"hard":5}}', BACKLOG],
  ['negotiation', true, 'true', NEGOTIATION],
  ['negotiation', null, 'null', NEGOTIATION],
  ['negotiation', 5_000, '5000', NEGOTIATION],
  ['negotiation', { minInterval: 0 }, '{"minInterval":0}', NEGOTIATION],
  ['negotiation', { minTimeout: false }, '{"minTimeout":false}', NEGOTIATION],
  ['negotiation', { interval: 5_000 }, '{"interval":5000}', NEGOTIATION],
];

const OF_THE_MODULE: Case[] = [
  ['gateways', 'some', '"some"', GATEWAYS],
  ['gateways', true, 'true', GATEWAYS],
  ['gateways', ['ChatGateway'], '["ChatGateway"]', GATEWAYS],
  ['drain', true, 'true', 'Set { within } or `false`.'],
  ['drain', null, 'null', 'Set { within } or `false`.'],
  ['drain', 5000, '5000', 'Set { within } or `false`.'],
  ['drain', { within: NaN }, '{"within":null}', WINDOW],
  ['drain', { within: -1 }, '{"within":-1}', WINDOW],
  ['drain', { within: '5' }, '{"within":"5"}', WINDOW],
  ['drain', { within: 2 ** 31 }, '{"within":2147483648}', WINDOW],
  ['drain', { within: 5, spread: 5 }, '{"within":5,"spread":5}', WINDOW],
];

/** The first case of each option. */
const ONE_EACH = OF_GATEWAYS.filter(
  ([key], index) => OF_GATEWAYS.findIndex(([other]) => other === key) === index,
);

describe('an invalid option is refused', () => {
  test.each([...OF_GATEWAYS, ...OF_THE_MODULE])('{ %s: %p }', (key, value, shown, fix) => {
    const resolve = () => modulePolicy(resolveModuleOptions({ [key]: value }, 'Here'));
    expect(resolve).toThrow(HeartbeatOptionsError);
    expect(resolve).toThrow(`Here: \`${key}\` is ${shown}. ${fix}`);
  });

  test.each([...ONE_EACH, ...OF_THE_MODULE])(
    'of forRoot(): { %s: %p }',
    async (key, value, shown, fix) => {
      const made = createApp({ imports: [HeartbeatModule.forRoot({ [key]: value })] });
      await expect(made).rejects.toBeInstanceOf(HeartbeatOptionsError);
      await expect(made).rejects.toThrow(`HeartbeatModule: \`${key}\` is ${shown}. ${fix}`);
    },
  );

  test.each(ONE_EACH)('of @Heartbeat(): { %s: %p }', async (key, value, shown, fix) => {
    @Heartbeat({ [key]: value })
    @WebSocketGateway()
    class ChatGateway {}

    const made = createApp({ imports: [HeartbeatModule.forRoot()], providers: [ChatGateway] });
    await expect(made).rejects.toBeInstanceOf(HeartbeatOptionsError);
    await expect(made).rejects.toThrow(
      `@Heartbeat() on ChatGateway: \`${key}\` is ${shown}. ${fix}`,
    );
  });
});
