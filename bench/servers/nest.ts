// A Nest application with or without the module. Settings: see `NestSettings`.
import { Controller, Get, type DynamicModule } from '@nestjs/common';
import { HeartbeatModule, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { HeartbeatDashboardModule } from 'nestjs-heartbeat/dashboard';
import { HeartbeatPrometheusModule } from 'nestjs-heartbeat/prometheus';
import { register } from 'prom-client';
import { moduleSwitch } from '../support/heartbeat.switch.js';
import { startNest } from '../support/nest.app.js';
import { settings } from '../support/program.js';
import { serve, type ServerSettings } from '../support/server.js';
import { Watch } from '../support/watch.js';

@Controller('metrics')
class MetricsController {
  @Get()
  read(): Promise<string> {
    return register.metrics();
  }
}

export interface NestSettings extends ServerSettings {
  /** Options of the module. `false`: without the module. */
  readonly heartbeat: HeartbeatModuleOptions | false;
  /** Whether the application has metrics and a dashboard. */
  readonly operations?: boolean;
  /** Whether the heartbeat is turned off and on again. */
  readonly isSwitched?: boolean;
}

const {
  heartbeat,
  operations = false,
  watch: isWatched,
  isSwitched = false,
} = settings() as NestSettings;
const watch = new Watch(isWatched);
const imports: DynamicModule[] = heartbeat ? [HeartbeatModule.forRoot(heartbeat)] : [];
if (operations)
  imports.push(
    HeartbeatPrometheusModule.forRoot(),
    HeartbeatDashboardModule.forRoot({ public: true }),
  );
const { app, server, port } = await startNest(
  imports,
  watch,
  operations ? [MetricsController] : [],
);
serve(port, watch, {
  close: () => app.close(),
  ...(isSwitched && { turn: moduleSwitch(app, server) }),
});
