import { afterEach } from '@jest/globals';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import type { ClientOptions, WebSocket } from 'ws';
import { createApp, listen, type AppSettings } from './app.js';
import { connect, type TestClient } from './client.js';
import { EventLog } from './event-log.js';
import { resolveUrl } from './url.js';

/** Short enough for a test, long enough for a busy machine. */
export const QUICK = { interval: 100, timeout: 300 };

/** A client, and the object that the server has of it. */
export interface GuardedClient extends TestClient {
  readonly peer: WebSocket;
}

/** An application with the module, and what tests want of it. It is closed after the test. */
export interface GuardedApp {
  readonly app: INestApplication;
  readonly liveness: LivenessService;
  readonly events: EventLog;
  readonly url: string;
  /** Connects a client: to a path of the application, or to a url. One at a time. */
  readonly connect: (to?: string, options?: ClientOptions) => Promise<GuardedClient>;
  /** Closes the application, once. */
  readonly close: () => Promise<void>;
}

const open = new Set<GuardedApp>();

afterEach(() => Promise.all([...open].map((monitored) => monitored.close())));

/** Starts an application with gateways that `HeartbeatModule.forRoot(options)` guards. */
export async function startGuarded(
  gateways: NonNullable<ModuleMetadata['providers']>,
  options: HeartbeatModuleOptions = QUICK,
  settings: AppSettings & Pick<ModuleMetadata, 'imports' | 'controllers'> = {},
): Promise<GuardedApp> {
  const { imports = [], controllers = [], ...appSettings } = settings;
  return startWith(
    { imports: [...imports, HeartbeatModule.forRoot(options)], controllers, providers: gateways },
    appSettings,
  );
}

/** Starts an application whose metadata import the module in a way of their own. */
export async function startWith(
  metadata: ModuleMetadata,
  settings: AppSettings = {},
): Promise<GuardedApp> {
  const app = await createApp(metadata, settings);
  const liveness = app.get(LivenessService);
  const events = new EventLog(liveness.events$);
  const url = await listen(app);
  let closed: Promise<void> | undefined;
  const monitored: GuardedApp = {
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
