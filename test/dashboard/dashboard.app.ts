import type { INestApplication, LoggerService, ModuleMetadata } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import type { HeartbeatModuleOptions } from 'nestjs-heartbeat';
import {
  HeartbeatDashboardModule,
  type HeartbeatDashboardOptions,
} from 'nestjs-heartbeat/dashboard';
import { PAGE_FOLDERS } from '../../src/dashboard/page.files.js';
import { Deployment, rootModule } from '../deployments/deployment.js';
import { ChatGateway } from '../support/chat.gateway.js';
import { sendRequest, type HttpAnswer, type HttpSettings } from '../support/http.js';
import { listenAnywhere } from '../support/unix.js';
import { urlOf } from '../support/url.js';

/** The HTTP platforms of Nest. */
export const PLATFORMS: Record<string, () => AbstractHttpAdapter> = {
  Express: () => new ExpressAdapter(),
  Fastify: () => new FastifyAdapter({ forceCloseConnections: true }),
};

/** What a test may set about an application with a dashboard. */
export interface DashboardSettings {
  readonly dashboard?: HeartbeatDashboardOptions;
  readonly heartbeat?: HeartbeatModuleOptions;
  readonly platform?: () => AbstractHttpAdapter;
  readonly metadata?: ModuleMetadata;
  readonly configure?: (app: INestApplication) => void;
  readonly logger?: LoggerService;
  /** The folder of the built page. */
  readonly page?: string;
  readonly bodyParser?: boolean;
}

/** An application with a dashboard. */
export interface DashboardApp extends Deployment<INestApplication> {
  readonly request: (path: string, settings?: HttpSettings) => Promise<HttpAnswer>;
  /** Gets an answer with the status 200, parsed. */
  readonly read: <Answer>(path: string) => Promise<Answer>;
  /** Sends an action as the page does. */
  readonly act: (
    action: string,
    body: unknown,
    headers?: HttpSettings['headers'],
  ) => Promise<HttpAnswer>;
}

/** Starts an application whose gateway is at `/chat`. It is closed after the test. */
export async function startDashboard({
  dashboard = { public: true },
  heartbeat = {},
  platform = () => new ExpressAdapter(),
  metadata = {},
  configure,
  logger,
  page,
  bodyParser = true,
}: DashboardSettings = {}): Promise<DashboardApp> {
  const root = rootModule(
    {
      ...metadata,
      imports: [...(metadata.imports ?? []), HeartbeatDashboardModule.forRoot(dashboard)],
      providers: [ChatGateway, ...(metadata.providers ?? [])],
    },
    { drain: false, ...heartbeat },
  );
  const testing = Test.createTestingModule({ imports: [root] });
  if (page !== undefined) testing.overrideProvider(PAGE_FOLDERS).useValue([page]);
  const app = (await testing.compile()).createNestApplication(platform(), {
    logger: logger ?? false,
    bodyParser,
    // A browser on a busy machine opens connections that it never uses: `close()` would wait for them.
    forceCloseConnections: true,
  });
  app.useWebSocketAdapter(new WsAdapter(app));
  configure?.(app);
  await listenAnywhere(app);
  const deployment = Deployment.of(app, urlOf(app));
  const request = (path: string, settings?: HttpSettings) =>
    sendRequest(`${deployment.url}${path}`, settings);
  return Object.assign(deployment, {
    request,
    read: async <Answer>(path: string) => {
      const { status, text } = await request(path);
      if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
      return JSON.parse(text) as Answer;
    },
    act: (action: string, body: unknown, headers: HttpSettings['headers'] = {}) =>
      request(`/heartbeat/actions/${action}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
  });
}
