// An application with a `RecordingGateway` in a process of its own. Settings: the module's options, and
// `host`, the address where it listens.
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { RecordingGateway, type ClientRecord } from '../recording.gateway.js';
import { answer, settings } from './answers.mjs';
import { serve } from './serve.js';

const { host, ...options } = settings as HeartbeatModuleOptions & { host?: string };
const { app, url } = await serve(
  { imports: [HeartbeatModule.forRoot(options)], providers: [RecordingGateway] },
  host,
);
const gateway = app.get(RecordingGateway);
const liveness = app.get(LivenessService);

/** The epoch times of an event, and what the system's clock showed when it came. */
export interface Stamp {
  readonly type: string;
  readonly at: number;
  readonly connectedAt: number | undefined;
  readonly wall: number;
}
const stamps: Stamp[] = [];
liveness.events$.subscribe((event) => {
  const connectedAt = 'liveness' in event ? event.liveness.connectedAt : undefined;
  stamps.push({ type: event.type, at: event.at, connectedAt, wall: Date.now() });
});

function untilSo(prefix: string, count: number, is: (record: ClientRecord) => boolean) {
  const isSo = (record: ClientRecord) => record.name.startsWith(prefix) && is(record);
  return gateway.until(() => gateway.records.filter(isSo).length >= count);
}

answer({
  url: () => url,
  records: () => gateway.records,
  stalls: () => gateway.stalls,
  stamps: () => stamps,
  wall: () => Date.now(),
  snapshot: () => liveness.snapshot(),
  /** Waits until so many clients whose names begin alike have given a sign of life since they connected. */
  untilHeard: (prefix: string, count: number) =>
    untilSo(prefix, count, ({ longestSilence }) => longestSilence > 0),
  /** Waits until each of them gives a sign of life from now on and is not suspected, or is gone. */
  untilHeardAgain: (prefix: string, count: number) => {
    const since = performance.now();
    return untilSo(
      prefix,
      count,
      ({ lastSign, suspected, recovered, hooks }) =>
        (lastSign > since && recovered.length === suspected.length) || hooks.disconnect > 0,
    );
  },
  untilSuspected: (prefix: string, count: number) =>
    untilSo(prefix, count, ({ suspected }) => suspected.length > 0),
  untilGone: (prefix: string, count: number) =>
    untilSo(prefix, count, ({ hooks }) => hooks.disconnect > 0),
  untilDisconnected: (count: number) =>
    gateway.until(
      () => gateway.records.filter(({ hooks }) => hooks.disconnect > 0).length >= count,
    ),
});
