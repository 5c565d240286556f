import { expect, test } from '@jest/globals';
import { isHeartbeat } from '../../src/protocol/is-heartbeat.js';

const TEXT = '{"event":"heartbeat","data":{"op":"ping","id":"x","now":1}}';
const BYTES = new TextEncoder().encode(TEXT);

test.each<[string, unknown]>([
  ['a text', TEXT],
  ['a Buffer', Buffer.from(TEXT)],
  ['a Uint8Array', BYTES],
  ['an ArrayBuffer', BYTES.slice().buffer],
])('a heartbeat as %s is one', (_, data) => expect(isHeartbeat(data)).toBe(true));

test.each<[string, unknown]>([
  ['another text', '{"event":"chat"}'],
  ['another Buffer', Buffer.from('{"event":"chat"}')],
  ['an empty ArrayBuffer', new ArrayBuffer(0)],
  ['nothing', undefined],
  ['null', null],
  ['a number', 5],
  // Not read, so not even recognised: `ws` hands out fragments only where it was told to.
  ['a list of fragments', [BYTES]],
  ['an object that is like one', { ...BYTES, length: BYTES.length }],
  ['another view of the bytes', new DataView(BYTES.slice().buffer)],
])('%s is none', (_, data) => expect(isHeartbeat(data)).toBe(false));

test('bytes count, not characters', () => {
  expect(isHeartbeat(`{"event":"heartbeat","data":"${'é'.repeat(245)}"}`)).toBe(false);
  expect(isHeartbeat(`{"event":"heartbeat","data":"${'e'.repeat(245)}"}`)).toBe(true);
});

test.each(['beat', 'a"é', 'heartbeat'])('the event can be another one: %s', (event) => {
  const text = JSON.stringify({ event, data: { op: 'ping', id: 'x' } });
  expect(isHeartbeat(text, event)).toBe(true);
  expect(isHeartbeat(Buffer.from(text), event)).toBe(true);
  expect(isHeartbeat(text)).toBe(event === 'heartbeat');
  expect(isHeartbeat(TEXT, event)).toBe(event === 'heartbeat');
  expect(isHeartbeat(text, 'another')).toBe(false);
});
