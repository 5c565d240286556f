import { expect, test } from '@jest/globals';
import { isHeartbeat } from '../../src/protocol/is-heartbeat.js';

const TEXT = '{"event":"heartbeat","data":{"op":"ping","id":"x","now":1}}';
const BYTES = new TextEncoder().encode(TEXT);

test.each<[string, unknown]>([
  ['a string', TEXT],
  ['a Buffer', Buffer.from(TEXT)],
  ['a Uint8Array', BYTES],
  ['an ArrayBuffer', BYTES.slice().buffer],
])('a heartbeat message as %s is recognised', (_, data) => expect(isHeartbeat(data)).toBe(true));

test.each<[string, unknown]>([
  ['another string', '{"event":"chat"}'],
  ['another Buffer', Buffer.from('{"event":"chat"}')],
  ['an empty ArrayBuffer', new ArrayBuffer(0)],
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  // `ws` delivers fragments only with `binaryType: 'fragments'`. The server does not read them as heartbeats either.
  ['a list of fragments', [BYTES]],
  ['an object with the properties of one', { ...BYTES, length: BYTES.length }],
  ['another view of the bytes', new DataView(BYTES.slice().buffer)],
])('%s is not recognised', (_, data) => expect(isHeartbeat(data)).toBe(false));

test('the limit of 512 applies to bytes, not characters', () => {
  expect(isHeartbeat(`{"event":"heartbeat","data":"${'é'.repeat(245)}"}`)).toBe(false);
  expect(isHeartbeat(`{"event":"heartbeat","data":"${'e'.repeat(245)}"}`)).toBe(true);
});

test.each(['beat', 'a"é', 'heartbeat'])('the event can be set: %s', (event) => {
  const text = JSON.stringify({ event, data: { op: 'ping', id: 'x' } });
  expect(isHeartbeat(text, event)).toBe(true);
  expect(isHeartbeat(Buffer.from(text), event)).toBe(true);
  expect(isHeartbeat(text)).toBe(event === 'heartbeat');
  expect(isHeartbeat(TEXT, event)).toBe(event === 'heartbeat');
  expect(isHeartbeat(text, 'another')).toBe(false);
});
