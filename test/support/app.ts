import type { INestApplication, LoggerService, ModuleMetadata } from '@nestjs/common';
import type { NestApplicationOptions } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TestAdapter } from './adapter.js';
import { everywhere } from './tls.js';
import { listenAnywhere } from './unix.js';
import { urlOf } from './url.js';

/** A Nest application that listens on a port of its own choice, and where its clients connect. */
export interface TestApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** What a test may want to be different about its application. */
export interface AppSettings {
  /** Where the log goes; by default nowhere. */
  readonly logger?: LoggerService;
  /** Makes the HTTP server a TLS one; by default it is what this run of the tests is about. */
  readonly httpsOptions?: NestApplicationOptions['httpsOptions'];
}

/** Starts a Nest application with the WsAdapter. */
export async function startApp(
  metadata: ModuleMetadata,
  settings: AppSettings = {},
): Promise<TestApp> {
  const app = await createApp(metadata, settings);
  return { app, url: await listen(app) };
}

/** Lets an application listen, and says where. */
export async function listen(app: INestApplication): Promise<string> {
  await listenAnywhere(app);
  return urlOf(app);
}

/** Makes a Nest application with the WsAdapter that is not initialised yet. */
export async function createApp(
  metadata: ModuleMetadata,
  { logger, httpsOptions = everywhere }: AppSettings = {},
): Promise<INestApplication> {
  const module = await Test.createTestingModule(metadata).compile();
  const app = module.createNestApplication({
    logger: logger ?? false,
    ...(httpsOptions && { httpsOptions }),
  });
  app.useWebSocketAdapter(new TestAdapter(app));
  return app;
}
