import { expect, test } from '@jest/globals';
import { Heartbeat, type HeartbeatOptions } from 'nestjs-heartbeat';
import { WebSocketGateway } from '@nestjs/websockets';
import { QUICK, startMonitored } from '../support/monitored.js';
import { waitedForCpu } from '../support/cpu-wait.js';
import { connectRaw, Opcode, readClose } from '../support/raw-client.js';

/** Milliseconds between two bytes. */
const PAUSE = 20;

function gatewayWith(path: string, options: HeartbeatOptions) {
  @Heartbeat({ ...QUICK, ...options })
  @WebSocketGateway({ path })
  class TrickledGateway {}
  return TrickledGateway;
}

/** The start of a text message of 60 000 bytes, and of a fragmented one without a final fragment. */
const FRAMES: Record<string, Buffer> = {
  'a long frame': Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]),
  'a fragmented heartbeat': Buffer.concat([
    Buffer.from([0x01, 0x80 | 20, 0, 0, 0, 0]),
    Buffer.from('{"event":"heartbeat"'),
  ]),
};
/** A fragment without content. */
const PART = Buffer.from([0x00, 0x80, 0, 0, 0, 0]);

test.each(Object.entries(FRAMES))(
  '%s that arrives byte by byte is a sign of life, in application mode too, but does not reset the idle time',
  async (what, start) => {
    const { events, liveness, url } = await startMonitored([
      gatewayWith('/transport', {}),
      gatewayWith('/idle', { idleTimeout: 600 }),
      gatewayWith('/application', { liveness: 'application' }),
    ]);
    // The server runs in this process.
    const before = waitedForCpu();
    const connected = performance.now();
    const transport = await connectRaw(`${url}/transport`);
    const idle = await connectRaw(`${url}/idle`);
    const application = await connectRaw(`${url}/application`);
    const raws = [transport, idle, application];
    const rest = what === 'a long frame' ? Buffer.alloc(1) : PART;
    for (const { socket } of raws) socket.write(start);
    let turn = 0;
    const trickle = setInterval(() => {
      const at = turn++ % rest.length;
      for (const { socket } of raws) socket.write(rest.subarray(at, at + 1));
    }, PAUSE).unref();

    const inactive = await idle.frame(Opcode.Close);
    expect(readClose(inactive)).toEqual({ code: 4409, reason: 'idle' });
    expect(inactive.at - connected).toBeGreaterThan(600 - 1);
    const waited = waitedForCpu() - before;
    expect(inactive.at - connected).toBeLessThan(2_000 + waited);
    for (const { eviction } of events.of('evicted')) {
      expect(eviction.liveness.silence).toBeLessThan(QUICK.timeout);
      expect(eviction.liveness.idle).toBeGreaterThanOrEqual(QUICK.timeout);
    }

    // The other two are still alive after two timeouts: a message in progress defers the decision.
    const left = [...liveness.clients({ state: 'alive' })];
    expect(left).toHaveLength(2);
    for (const { idle: idleTime, applicationSilence } of left) {
      expect(idleTime).toBeGreaterThan(QUICK.timeout);
      expect(applicationSilence).toBeGreaterThan(QUICK.timeout);
    }
    for (const { frames } of [transport, application]) {
      expect(frames.filter(({ opcode }) => opcode === Opcode.Close)).toEqual([]);
    }

    // They are evicted once no more bytes arrive.
    for (const { socket } of [transport, application]) socket.on('error', () => {});
    clearInterval(trickle);
    const stopped = performance.now();
    const { eviction } = await events.next('evicted');
    expect(eviction.cause).toBe('unresponsive');
    // The last byte arrived up to a pause earlier.
    expect(performance.now() - stopped).toBeGreaterThan(QUICK.timeout - PAUSE - 10);
    for (const { socket } of raws) socket.destroy();
  },
);
