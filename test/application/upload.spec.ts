import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { WebSocketGateway } from '@nestjs/websockets';
import { Heartbeat } from 'nestjs-heartbeat';
import { startMonitored } from '../support/monitored.js';
import { report } from '../support/report.js';
import { connectRaw, maskedFrame, Opcode } from '../support/raw-client.js';

const TIMES = { interval: 100, timeout: 300 };

@Heartbeat({ ...TIMES, liveness: 'application' })
@WebSocketGateway({ path: '/application' })
class ApplicationGateway {}

@Heartbeat({ ...TIMES, liveness: 'transport' })
@WebSocketGateway({ path: '/transport' })
class TransportGateway {}

interface Ping {
  readonly data: { readonly op: string; readonly id?: string };
}

test.each(['application', 'transport'])(
  'a client that uploads for many intervals is pinged meanwhile, and may answer all pings at once: %s',
  async (liveness) => {
    const { events, url } = await startMonitored([ApplicationGateway, TransportGateway]);
    const connected = events.next('connected');
    const raw = await connectRaw(`${url}/${liveness}`);
    const { client } = await connected;
    const sendFrame = (data: object) => {
      const text = JSON.stringify({ event: 'heartbeat', data });
      raw.socket.write(maskedFrame(Opcode.Text, Buffer.from(text)));
    };
    const pings = () =>
      raw.frames
        .filter(({ opcode }) => opcode === Opcode.Text)
        .map(({ payload }) => JSON.parse(payload.toString()) as Ping)
        .filter(({ data }) => data.op === 'ping');
    sendFrame({ op: 'hello', v: 1 });

    // One long message, sent byte by byte. The server sends more pings than `limits.messages` allows heartbeats at once.
    const length = 30_000;
    const head = Buffer.from([0x81, 0xfe, length >> 8, length & 0xff, 0, 0, 0, 0]);
    const upload = Buffer.concat([head, Buffer.alloc(length, 'a')]);
    let sent = head.length;
    raw.socket.write(head);
    await new Promise<void>((resolve) => {
      const trickle = setInterval(() => {
        raw.socket.write(upload.subarray(sent, ++sent));
        if (pings().length <= 25) return;
        clearInterval(trickle);
        resolve();
      }, 20);
    });
    raw.socket.write(upload.subarray(sent));
    for (const { data } of pings()) sendFrame({ op: 'pong', id: data.id });
    sendFrame({ op: 'ping', id: 'last' });
    const isAnswered = () =>
      raw.frames.some(({ payload }) => payload.toString().includes('"id":"last"'));
    while (!isAnswered()) await once(raw.socket, 'frame');
    const times = raw.frames.filter(({ opcode }) => opcode === Opcode.Text).map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? NaN));
    report(`${liveness}: pinged by message at least every ${Math.max(...gaps).toFixed(0)} ms`);
    expect(client.readyState).toBe(client.OPEN);
    expect(events.of('evicted')).toEqual([]);
    raw.socket.destroy();
  },
);
