// An application with a `RecordingGateway` in a child process. Settings: the options of the module, and `host`, the
// address on which it listens.
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

/** The epoch times of an event, and the system clock at its arrival. */
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

/** Waits until `count` clients whose names start with a prefix match a condition. */
function untilMatching(
  prefix: string,
  count: number,
  condition: (record: ClientRecord) => boolean,
) {
  const matches = (record: ClientRecord) => record.name.startsWith(prefix) && condition(record);
  return gateway.until(() => gateway.records.filter(matches).length >= count);
}

answer({
  url: () => url,
  records: () => gateway.records,
  stalls: () => gateway.stalls,
  stamps: () => stamps,
  wall: () => Date.now(),
  snapshot: () => liveness.snapshot(),
  /** Waits until `count` clients have sent a message or pong since they connected. */
  untilActive: (prefix: string, count: number) =>
    untilMatching(prefix, count, ({ longestSilence }) => longestSilence > 0),
  /** Waits until `count` clients send a message or pong from now on and are not suspect, or are disconnected. */
  untilActiveAgain: (prefix: string, count: number) => {
    const since = performance.now();
    return untilMatching(
      prefix,
      count,
      ({ lastSign, suspected, recovered, hooks }) =>
        (lastSign > since && recovered.length === suspected.length) || hooks.disconnect > 0,
    );
  },
  untilSuspected: (prefix: string, count: number) =>
    untilMatching(prefix, count, ({ suspected }) => suspected.length > 0),
  untilGone: (prefix: string, count: number) =>
    untilMatching(prefix, count, ({ hooks }) => hooks.disconnect > 0),
  untilDisconnected: (count: number) =>
    gateway.until(
      () => gateway.records.filter(({ hooks }) => hooks.disconnect > 0).length >= count,
    ),
});
