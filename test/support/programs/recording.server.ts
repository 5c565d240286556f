// An application with a `RecordingGateway` in a process of its own. Settings: the module's options.
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { RecordingGateway } from '../recording.gateway.js';
import { answer, settings } from './answers.mjs';
import { serve } from './serve.js';

const { app, url } = await serve({
  imports: [HeartbeatModule.forRoot(settings as HeartbeatModuleOptions)],
  providers: [RecordingGateway],
});
const gateway = app.get(RecordingGateway);
const liveness = app.get(LivenessService);

answer({
  url: () => url,
  records: () => gateway.records,
  stalls: () => gateway.stalls,
  snapshot: () => liveness.snapshot(),
  untilDisconnected: (count: number) =>
    gateway.until(
      () => gateway.records.filter(({ hooks }) => hooks.disconnect > 0).length >= count,
    ),
});
