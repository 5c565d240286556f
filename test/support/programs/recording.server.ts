// An application with a `RecordingGateway` in a process of its own. Settings: the module's options, and
// `host`, the address where it listens.
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { RecordingGateway } from '../recording.gateway.js';
import { answer, settings } from './answers.mjs';
import { serve } from './serve.js';

const { host, ...options } = settings as HeartbeatModuleOptions & { host?: string };
const { app, url } = await serve(
  { imports: [HeartbeatModule.forRoot(options)], providers: [RecordingGateway] },
  host,
);
const gateway = app.get(RecordingGateway);
const liveness = app.get(LivenessService);

answer({
  url: () => url,
  records: () => gateway.records,
  stalls: () => gateway.stalls,
  snapshot: () => liveness.snapshot(),
  untilGone: (prefix: string, count: number) =>
    gateway.until(
      () =>
        gateway.records.filter(({ name, hooks }) => name.startsWith(prefix) && hooks.disconnect > 0)
          .length >= count,
    ),
  untilDisconnected: (count: number) =>
    gateway.until(
      () => gateway.records.filter(({ hooks }) => hooks.disconnect > 0).length >= count,
    ),
});
