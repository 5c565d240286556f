// A Nest application with or without the module. Settings: see `NestSettings`.
import { HeartbeatModule, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import { startNest } from '../support/nest.app.js';
import { settings } from '../support/program.js';
import { serve, type ServerSettings } from '../support/server.js';
import { Watch } from '../support/watch.js';

export interface NestSettings extends ServerSettings {
  /** Options of the module. `false`: without the module. */
  readonly heartbeat: HeartbeatModuleOptions | false;
}

const { heartbeat, watch: isWatched } = settings() as NestSettings;
const watch = new Watch(isWatched);
const { app, port } = await startNest(heartbeat ? [HeartbeatModule.forRoot(heartbeat)] : [], watch);
serve(port, watch, { close: () => app.close() });
