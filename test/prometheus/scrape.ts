import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { HeartbeatModuleOptions } from 'nestjs-heartbeat';
import {
  HeartbeatPrometheusModule,
  type HeartbeatPrometheusOptions,
} from 'nestjs-heartbeat/prometheus';
import { register } from 'prom-client';
import { ChatGateway } from '../support/chat.gateway.js';
import { parseExposition, type Exposition } from '../support/exposition.js';
import { sendRequest } from '../support/http.js';
import { QUICK, startWith, type MonitoredApp } from '../support/monitored.js';
import { resolveUrl } from '../support/url.js';
import { HeartbeatModule } from 'nestjs-heartbeat';

type AnyRegistry = NonNullable<HeartbeatPrometheusOptions['registry']>;

const REGISTRY = Symbol('registry');

/** Serves a registry, as applications do. */
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(REGISTRY) private readonly registry: AnyRegistry) {}

  @Get()
  @Header('content-type', 'text/plain')
  metrics(): Promise<string> {
    return this.registry.metrics();
  }
}

/** An application whose metrics are scraped over HTTP. */
export interface ScrapedApp extends MonitoredApp {
  readonly scrape: () => Promise<Exposition>;
}

/** Starts an application with a gateway at `/chat` and its metrics at `/metrics`. It is closed after the test. */
export async function startScraped(
  options: HeartbeatPrometheusOptions = {},
  heartbeat: HeartbeatModuleOptions = QUICK,
): Promise<ScrapedApp> {
  const app = await startWith({
    imports: [HeartbeatModule.forRoot(heartbeat), HeartbeatPrometheusModule.forRoot(options)],
    controllers: [MetricsController],
    providers: [ChatGateway, { provide: REGISTRY, useValue: options.registry ?? register }],
  });
  const scrape = async () =>
    parseExposition((await sendRequest(resolveUrl('/metrics', app.url))).text);
  return { ...app, scrape };
}
