import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { killAll, type Child } from '../support/child.js';
import { connectRaw, maskedFrame, Opcode, readClose } from '../support/raw-client.js';
import { startServer } from './attack.js';
import { Bystander } from './bystander.js';
import type { Fate } from './hostile.server.js';

let server: Child;
let url: string;
let bystander: Bystander;

beforeAll(async () => {
  server = await startServer({ clientHeartbeats: { beat: 'beaten' } });
  url = await server.request('url');
  bystander = await Bystander.at(url);
});

afterAll(async () => {
  bystander.leave();
  await killAll();
});

const zeros = (count: number) => Buffer.alloc(count);
const masked = (first: number, payload: Buffer) =>
  Buffer.concat([Buffer.from([first, 0x80 | payload.length]), zeros(4), payload]);

/** Frames that RFC 6455 forbids, and the close code of the server. */
const FRAMES: [what: string, frame: Buffer, code: number][] = [
  ['two bytes of all ones', Buffer.from([0xff, 0xff]), 1002],
  ['two bytes that claim a long pong', Buffer.from([0x8a, 0xff]), 1002],
  ['an unknown opcode', masked(0x83, zeros(0)), 1002],
  ['an unknown control opcode', masked(0x8b, zeros(0)), 1002],
  ['a frame without a mask', Buffer.from([0x81, 0x02, 0x68, 0x69]), 1002],
  ['a reserved bit', masked(0xc1, zeros(1)), 1002],
  ['a fragmented ping', masked(0x09, zeros(1)), 1002],
  ['a continuation of nothing', masked(0x80, zeros(1)), 1002],
  [
    'a message within the fragments of another',
    Buffer.concat([masked(0x01, zeros(1)), masked(0x81, zeros(1))]),
    1002,
  ],
  ['a close frame of one byte', masked(0x88, zeros(1)), 1002],
  ['a close code that must not be sent', masked(0x88, Buffer.from([0x03, 0xee])), 1002],
  ['text that is no UTF-8', masked(0x81, Buffer.from([0xc3, 0x28])), 1007],
  ['a reason that is no UTF-8', masked(0x88, Buffer.from([0x03, 0xe8, 0xc3, 0x28])), 1007],
  ['a frame of 2 to the 63', Buffer.concat([Buffer.from([0x81, 0xff, 0x80]), zeros(11)]), 1009],
  ['a frame of 4 GiB', Buffer.concat([Buffer.from([0x82, 0xff, 0, 0, 0, 1]), zeros(8)]), 1009],
];

test.each(FRAMES)(
  '%s ends its connection once, and disturbs no other client',
  async (name, frame, code) => {
    const raw = await connectRaw(`${url}/?name=${encodeURIComponent(name)}`);
    raw.socket.write(maskedFrame(Opcode.Text, Buffer.from('{"event":"heartbeat"}')));
    await raw.frame(Opcode.Text);
    raw.socket.write(frame);
    expect(readClose(await raw.frame(Opcode.Close)).code).toBe(code);
    raw.socket.write(masked(0x88, Buffer.from([0x03, 0xe8])));
    await raw.ended;
    const { cause, disconnected } = await server.request<Fate>('fate', name);
    expect(cause).toBeUndefined();
    expect(disconnected).toBe(1);
    await bystander.request();
  },
);

test.each([
  ['in the middle of a frame', Buffer.from([0x81, 0xfe, 0xff])],
  [
    'in the middle of a heartbeat',
    masked(0x81, Buffer.from('{"event":"heartbeat"')).subarray(0, 12),
  ],
  ['after a close frame', masked(0x88, Buffer.from([0x03, 0xe8]))],
  ['after a bad frame', Buffer.from([0xff, 0xff])],
])('a connection that is reset %s disconnects once', async (where, last) => {
  const name = `reset ${where}`;
  const raw = await connectRaw(`${url}/?name=${encodeURIComponent(name)}`);
  raw.socket.write(last, () => raw.socket.resetAndDestroy());
  expect((await server.request<Fate>('fate', name)).disconnected).toBe(1);
  await bystander.request();
});

test('each disconnect is reported once, and no other client has disconnected', async () => {
  const fates = await server.request<Record<string, Fate>>('fates');
  const gone = Object.entries(fates).filter(([, { disconnected }]) => disconnected > 0);
  expect(gone).toHaveLength(FRAMES.length + 4);
  for (const [, { disconnected }] of gone) expect(disconnected).toBe(1);
  expect(fates['bystander']).toBeUndefined();
  expect(await server.request('size')).toBe(1);
});
