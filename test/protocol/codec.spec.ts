import { describe, expect, test } from '@jest/globals';
import { HeartbeatCodec } from '../../src/protocol/heartbeat.codec.js';

const HEAD = '{"event":"heartbeat"';

const codec = new HeartbeatCodec('heartbeat');
const bytesOf = (text: string) => new TextEncoder().encode(text);
const recognises = (text: string) => codec.recognises(bytesOf(text));
const read = (text: string) => codec.read(bytesOf(text));
const withData = (data: string) => `${HEAD},"data":${data}}`;

describe('recognised', () => {
  test.each([
    HEAD,
    `${HEAD}}`,
    '{"event": "heartbeat"}',
    '{"event": "heartbeat" , "data" : 1}',
    `${HEAD}x`,
    `${HEAD},"event":"chat"}`,
  ])('%s', (text) => expect(recognises(text)).toBe(true));

  test.each([
    '',
    '{',
    '{"event":"heartbeat',
    '{"event":"heartbeats"}',
    '{"event":"Heartbeat"}',
    '{"event":  "heartbeat"}',
    '{"event":\t"heartbeat"}',
    '{ "event":"heartbeat"}',
    '{"event" :"heartbeat"}',
    ' {"event":"heartbeat"}',
    '\ufeff{"event":"heartbeat"}',
    '{"event":"heart\\u0062eat"}',
    '{"data":{},"event":"heartbeat"}',
    '[{"event":"heartbeat"}]',
  ])('not: %j', (text) => expect(recognises(text)).toBe(false));

  test('up to 512 bytes, not characters', () => {
    const padded = (bytes: number) => withData(`"${'x'.repeat(bytes - withData('""').length)}"`);
    expect(bytesOf(padded(512))).toHaveLength(512);
    expect(recognises(padded(512))).toBe(true);
    expect(recognises(padded(513))).toBe(false);
    expect(recognises(withData(`"${'é'.repeat(250)}"`))).toBe(false);
  });

  test('by the reserved event, including one that JSON escapes', () => {
    const own = new HeartbeatCodec('a"é');
    expect(own.recognises(bytesOf(JSON.stringify({ event: 'a"é' })))).toBe(true);
    expect(own.recognises(bytesOf(`${HEAD}}`))).toBe(false);
    expect(own.read(bytesOf(JSON.stringify({ event: 'a"é' })))).toEqual({ op: 'beat' });
  });

  test('never for 50 000 application messages', () => {
    const recognised: string[] = [];
    for (let index = 0; index < 50_000; index++) {
      const event = ['chat', 'heart', 'heartbea', 'heartbeat.', 'h'][index % 5];
      const text = JSON.stringify({ event, data: { index, event: 'heartbeat' } });
      if (recognises(text)) recognised.push(text);
    }
    expect(recognised).toEqual([]);
  });
});

describe('read', () => {
  test.each([
    `${HEAD}}`,
    withData('null'),
    withData('1'),
    withData('"ping"'),
    withData('[{"op":"ping"}]'),
    withData('{}'),
    withData('{"id":"x"}'),
    withData('{"__proto__":{"op":"ping","id":"x"}}'),
    withData('{"op":"ping","id":"x"},"data":{}'),
  ])('a bare heartbeat: %s', (text) => expect(read(text)).toEqual({ op: 'beat' }));

  test.each<[string, object]>([
    ['{"op":"hello","v":1}', { op: 'hello', v: 1 }],
    [
      '{"op":"hello","v":1,"interval":5.5,"timeout":-9,"more":1}',
      { op: 'hello', v: 1, interval: 5.5, timeout: -9 },
    ],
    ['{"op":"hello","v":1,"interval":"5","timeout":null}', { op: 'hello', v: 1 }],
    ['{"op":"ping","id":""}', { op: 'ping', id: '' }],
    ['{"op":"ping","id":"x","at":null}', { op: 'ping', id: 'x', at: null }],
    ['{"op":"ping","id":"x","at":[{"a":{}}]}', { op: 'ping', id: 'x', at: [{ a: {} }] }],
    ['{"op":"pong","id":"é","more":{}}', { op: 'pong', id: 'é' }],
    ['{"op":"ping","op":"pong","id":"x"}', { op: 'pong', id: 'x' }],
  ])('%s', (data, frame) => expect(read(withData(data))).toEqual(frame));

  test.each([
    HEAD,
    `${HEAD}x`,
    `${HEAD}}}`,
    `${HEAD}}\0`,
    `${HEAD},"event":"chat"}`,
    `${HEAD},"event":null}`,
    withData('{"op":"hello"}'),
    withData('{"op":"hello","v":2}'),
    withData('{"op":"hello","v":"1"}'),
    withData('{"op":"ping"}'),
    withData('{"op":"ping","id":1}'),
    withData('{"op":"pong"}'),
    withData('{"op":"pong","id":null}'),
    withData('{"op":"ack","id":"x"}'),
    withData('{"op":"drain","id":"x"}'),
    withData('{"op":null}'),
    withData('{"op":{"toString":1},"id":"x"}'),
    withData('{"op":"__proto__","id":"x"}'),
    withData('['.repeat(480)),
  ])('malformed: %s', (text) => expect(read(text)).toBeUndefined());

  test('malformed: a message that is not UTF-8', () => {
    const bytes = bytesOf(withData('{"op":"ping","id":"x"}'));
    bytes[bytes.indexOf(0x78)] = 0xff;
    expect(codec.recognises(bytes)).toBe(true);
    expect(codec.read(bytes)).toBeUndefined();
  });

  test('a __proto__ member changes no prototype and is returned unchanged', () => {
    const frame = read(withData('{"op":"ping","id":"x","at":{"__proto__":{"polluted":1}}}'));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(JSON.stringify(frame)).toBe('{"op":"ping","id":"x","at":{"__proto__":{"polluted":1}}}');
  });
});

describe('written', () => {
  test('in the message format of Nest, with the reserved event first', () => {
    expect(codec.write({ op: 'ack', now: 5 })).toBe(`${HEAD},"data":{"op":"ack","now":5}}`);
  });

  test.each(['heartbeat', 'a"é'])('and read again without a change, with the event %s', (event) => {
    const own = new HeartbeatCodec(event);
    for (const frame of [
      { op: 'hello', v: 1, interval: 5, timeout: 9 },
      { op: 'ping', id: 'x' },
      { op: 'ping', id: 'x', at: [1, null] },
      { op: 'pong', id: 'x' },
    ] as const) {
      const bytes = bytesOf(own.write(frame));
      expect(own.recognises(bytes)).toBe(true);
      expect(own.read(bytes)).toStrictEqual(frame);
    }
  });
});

test('`v` is read in hello only, and absent members stay absent', () => {
  expect(read(withData('{"op":"ping","v":1,"id":"x"}'))).toStrictEqual({ op: 'ping', id: 'x' });
  expect(read(withData('{"op":"bye","v":1,"id":"x"}'))).toBeUndefined();
});

test('every byte of the prefix is compared', () => {
  for (let at = 0; at < HEAD.length; at++) {
    const bytes = bytesOf(`${HEAD}}`);
    bytes[at] = 0x7e;
    expect([at, codec.recognises(bytes)]).toEqual([at, false]);
  }
});
