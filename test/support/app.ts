import type { INestApplication, LoggerService, ModuleMetadata } from '@nestjs/common';
import type { NestApplicationOptions } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { HEARTBEAT_CLOCK, type HeartbeatClock } from 'nestjs-heartbeat/testing';
import { TestAdapter } from './adapter.js';
import { defaultHttpsOptions } from './tls.js';
import { listenAnywhere } from './unix.js';
import { urlOf } from './url.js';

/** A Nest application that listens on a free port, and the URL for its clients. */
export interface TestApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** Settings of a test application. */
export interface AppSettings {
  /** The logger; none by default. */
  readonly logger?: LoggerService;
  /** Makes the server use TLS. The default is the setting of this test run, see `tls.ts`. */
  readonly httpsOptions?: NestApplicationOptions['httpsOptions'];
  /** The clock of the module; the system's by default. */
  readonly clock?: HeartbeatClock;
}

/** Starts a Nest application with the WsAdapter. */
export async function startApp(
  metadata: ModuleMetadata,
  settings: AppSettings = {},
): Promise<TestApp> {
  const app = await createApp(metadata, settings);
  return { app, url: await listen(app) };
}

/** Makes an application listen on a free port. Returns its URL. */
export async function listen(app: INestApplication): Promise<string> {
  await listenAnywhere(app);
  return urlOf(app);
}

/** Creates a Nest application with the WsAdapter, without initialising it. */
export async function createApp(
  metadata: ModuleMetadata,
  { logger, httpsOptions = defaultHttpsOptions, clock }: AppSettings = {},
): Promise<INestApplication> {
  const testing = Test.createTestingModule(metadata);
  if (clock !== undefined) testing.overrideProvider(HEARTBEAT_CLOCK).useValue(clock);
  const module = await testing.compile();
  const app = module.createNestApplication({
    logger: logger ?? false,
    ...(httpsOptions && { httpsOptions }),
  });
  app.useWebSocketAdapter(new TestAdapter(app));
  return app;
}
