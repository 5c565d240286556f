import { afterEach, expect } from '@jest/globals';
import type {
  INestApplication,
  INestApplicationContext,
  LoggerService,
  ModuleMetadata,
} from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { HeartbeatModule, LivenessService, type HeartbeatModuleOptions } from 'nestjs-heartbeat';
import type { ClientOptions } from 'ws';
import { connect } from '../support/client.js';
import { EventLog } from '../support/event-log.js';
import { QUICK, type MonitoredClient } from '../support/monitored.js';
import { defaultHttpsOptions } from '../support/tls.js';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';

const open = new Set<INestApplicationContext>();

afterEach(async () => {
  await Promise.all([...open].map((app) => app.close()));
  open.clear();
});

/** The root module of an application: the given metadata, and the heartbeat module. */
export function rootModule(metadata: ModuleMetadata, options: HeartbeatModuleOptions = QUICK) {
  @Module({
    ...metadata,
    imports: [...(metadata.imports ?? []), HeartbeatModule.forRoot(options)],
  })
  class RootModule {}
  return RootModule;
}

/** What a test may set about its HTTP application. */
export interface DeploymentSettings {
  readonly options?: HeartbeatModuleOptions;
  readonly logger?: LoggerService;
  readonly httpAdapter?: AbstractHttpAdapter;
  /** By default `WsAdapter`. */
  readonly adapter?: (app: INestApplication) => WsAdapter;
}

/** Makes an application as a `main.ts` does. It is closed after the test. */
export async function createHttpApp(
  metadata: ModuleMetadata,
  { options, logger, httpAdapter, adapter }: DeploymentSettings = {},
): Promise<INestApplication> {
  const root = rootModule(metadata, options);
  const settings = {
    logger: logger ?? (false as const),
    abortOnError: false,
    ...(defaultHttpsOptions && httpAdapter === undefined && { httpsOptions: defaultHttpsOptions }),
  };
  const app =
    httpAdapter === undefined
      ? await NestFactory.create(root, settings)
      : await NestFactory.create(root, httpAdapter, settings);
  app.useWebSocketAdapter(adapter?.(app) ?? new WsAdapter(app));
  open.add(app);
  return app;
}

/** A running application, its `LivenessService`, its events, and a way to connect clients. */
export class Deployment<App extends INestApplicationContext = INestApplicationContext> {
  readonly liveness: LivenessService;
  readonly events: EventLog;
  private closing: Promise<void> | undefined;

  private constructor(
    readonly app: App,
    /** Where clients connect. Empty for an application without a server of its own. */
    public url: string,
  ) {
    open.add(app);
    this.liveness = app.get(LivenessService);
    this.events = new EventLog(this.liveness.events$);
  }

  /** Takes over an application that accepts clients at `url`. */
  static of<App extends INestApplicationContext>(app: App, url = ''): Deployment<App> {
    return new Deployment(app, url);
  }

  /** Makes an HTTP application and lets it listen on a free port. */
  static async http(
    metadata: ModuleMetadata,
    settings: DeploymentSettings = {},
  ): Promise<Deployment<INestApplication>> {
    const app = await createHttpApp(metadata, settings);
    const deployment = new Deployment(app, '');
    await listenAnywhere(app);
    deployment.url = urlOf(app);
    return deployment;
  }

  /** Connects a client and waits until the server has reported it. One at a time. */
  async connect(path = '/', options: ClientOptions = {}): Promise<MonitoredClient> {
    const connected = this.events.next('connected');
    const client = await connect(`${this.url}${path}`, options);
    return { ...client, peer: (await connected).client };
  }

  /** Closes the application, once. */
  close(): Promise<void> {
    open.delete(this.app);
    return (this.closing ??= this.app.close());
  }
}

/**
 * What has to hold in every deployment: a healthy client is pinged and stays, a client that does not answer is
 * evicted, and shutdown closes the rest with 1012. Each connection ends with one `disconnected`. Closes the
 * application.
 */
export async function expectMonitored(
  deployment: Deployment,
  path = '/',
  options: ClientOptions = {},
): Promise<void> {
  const { events, liveness } = deployment;
  const healthy = await deployment.connect(path, options);
  await expect(liveness.probe(healthy.peer)).resolves.toBeGreaterThan(0);
  const dead = await deployment.connect(path, { ...options, autoPong: false });
  expect(await dead.closed).toMatchObject({ code: 1006 });
  const { eviction } = await events.when('disconnected', ({ client }) => client === dead.peer);
  expect(eviction).toMatchObject({ cause: 'unresponsive', code: 1006 });
  expect(liveness.isAlive(healthy.peer)).toBe(true);

  await deployment.close();
  expect(await healthy.closed).toMatchObject({ code: 1012 });
  const once = (client: unknown) =>
    events.of('disconnected').filter((event) => event.client === client);
  expect(once(dead.peer)).toHaveLength(1);
  expect(once(healthy.peer)).toHaveLength(1);
  expect(liveness.size).toBe(0);
}
