import { expect, test } from '@jest/globals';
import { withHeartbeat, type WebSocketConstructor } from 'nestjs-heartbeat/client';
import { connect } from 'nestjs-heartbeat/client/reconnect';
import { WebSocket } from 'undici';
import { WebSocket as NodeStyleWebSocket } from 'ws';

const unusable = {
  name: 'TypeError',
  code: 'HEARTBEAT_WEBSOCKET',
  message: expect.stringContaining('undici'),
};
/** What JavaScript, or a cast, lets through. */
const asClass = (value: unknown) => value as WebSocketConstructor;
const URL_OF_NOTHING = 'ws://127.0.0.1:9';

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

test.each([
  ['the one of ws', NodeStyleWebSocket],
  ['none', undefined],
  ['no class', {}],
])('withHeartbeat() and connect() refuse a WebSocket class: %s', (_case, value) => {
  expect(errorOf(() => withHeartbeat(asClass(value)))).toMatchObject(unusable);
  if (value === undefined) return;
  expect(errorOf(() => connect(URL_OF_NOTHING, { WebSocket: asClass(value) }))).toMatchObject(
    unusable,
  );
});

test('connect() refuses to start where there is no global WebSocket class', () => {
  const { WebSocket: own } = globalThis;
  Reflect.deleteProperty(globalThis, 'WebSocket');
  try {
    expect(errorOf(() => connect(URL_OF_NOTHING))).toMatchObject(unusable);
  } finally {
    if (own) globalThis.WebSocket = own;
  }
});

test('withHeartbeat() takes the class of undici, and subclasses', () => {
  class Subclass extends WebSocket {}
  expect(withHeartbeat(WebSocket).prototype).toBeInstanceOf(WebSocket);
  expect(withHeartbeat(Subclass).prototype).toBeInstanceOf(Subclass);
});
