import { afterEach } from '@jest/globals';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import type { ClientOptions, WebSocket } from 'ws';
import { createApp, listen, type AppSettings } from './app.js';
import { connect, type TestClient } from './client.js';
import { EventLog } from './event-log.js';
import { resolveUrl } from './url.js';

/** Times that are short enough for a test and long enough for a busy machine. */
export const QUICK = { interval: 100, timeout: 300 };

/** A client, and the `WebSocket` of the server for it. */
export interface MonitoredClient extends TestClient {
  readonly peer: WebSocket;
}

/** An application with the module, and access to it for tests. It is closed after the test. */
export interface MonitoredApp {
  readonly app: INestApplication;
  readonly liveness: LivenessService;
  readonly events: EventLog;
  readonly url: string;
  /** Connects a client to a path or a URL. Connect one client at a time. */
  readonly connect: (to?: string, options?: ClientOptions) => Promise<MonitoredClient>;
  /** Closes the application, once. */
  readonly close: () => Promise<void>;
}

const open = new Set<MonitoredApp>();

afterEach(() => Promise.all([...open].map((monitored) => monitored.close())));

/** Starts an application with gateways that `HeartbeatModule.forRoot(options)` monitors. */
export async function startMonitored(
  gateways: NonNullable<ModuleMetadata['providers']>,
  options: HeartbeatModuleOptions = QUICK,
  settings: AppSettings & Pick<ModuleMetadata, 'imports' | 'controllers'> = {},
): Promise<MonitoredApp> {
  const { imports = [], controllers = [], ...appSettings } = settings;
  return startWith(
    { imports: [...imports, HeartbeatModule.forRoot(options)], controllers, providers: gateways },
    appSettings,
  );
}

/** Starts an application whose metadata import the module themselves. */
export async function startWith(
  metadata: ModuleMetadata,
  settings: AppSettings = {},
): Promise<MonitoredApp> {
  const app = await createApp(metadata, settings);
  const liveness = app.get(LivenessService);
  const events = new EventLog(liveness.events$);
  const url = await listen(app);
  let closed: Promise<void> | undefined;
  const monitored: MonitoredApp = {
    app,
    liveness,
    events,
    url,
    connect: async (to = '/', clientOptions = {}) => {
      const connected = events.next('connected');
      const client = await connect(resolveUrl(to, url), clientOptions);
      return { ...client, peer: (await connected).client };
    },
    close: () => {
      open.delete(monitored);
      return (closed ??= app.close());
    },
  };
  open.add(monitored);
  return monitored;
}
