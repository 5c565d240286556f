import { expect, test } from '@jest/globals';
import { withHeartbeat, type WebSocketConstructor } from 'nestjs-heartbeat/client';
import { connect } from 'nestjs-heartbeat/client/reconnect';
import { WebSocket } from 'undici';
import { WebSocket as NodeStyleWebSocket } from 'ws';

const expectedError = {
  name: 'TypeError',
  code: 'HEARTBEAT_WEBSOCKET',
  message: expect.stringContaining('undici'),
};
/** Passes a value that the types would reject. */
const asClass = (value: unknown) => value as WebSocketConstructor;
const UNUSED_URL = 'ws://127.0.0.1:9';

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

test.each([
  ['that of ws', NodeStyleWebSocket],
  ['undefined', undefined],
  ['not a class', {}],
])('withHeartbeat() and connect() refuse an expectedError WebSocket class: %s', (_case, value) => {
  expect(errorOf(() => withHeartbeat(asClass(value)))).toMatchObject(expectedError);
  if (value === undefined) return;
  expect(errorOf(() => connect(UNUSED_URL, { WebSocket: asClass(value) }))).toMatchObject(
    expectedError,
  );
});

test('connect() throws if there is no global WebSocket class', () => {
  const { WebSocket: original } = globalThis;
  Reflect.deleteProperty(globalThis, 'WebSocket');
  try {
    expect(errorOf(() => connect(UNUSED_URL))).toMatchObject(expectedError);
  } finally {
    if (original) globalThis.WebSocket = original;
  }
});

test('withHeartbeat() accepts the class of undici, and subclasses of it', () => {
  class Subclass extends WebSocket {}
  expect(withHeartbeat(WebSocket).prototype).toBeInstanceOf(WebSocket);
  expect(withHeartbeat(Subclass).prototype).toBeInstanceOf(Subclass);
});
